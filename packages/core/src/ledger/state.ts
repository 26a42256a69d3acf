import { collectEnvironments } from './environments.ts';
import { parseTag, type TagEvent } from './grammar.ts';
import { parseTrailers } from './message.ts';
import { collectVersions } from './registered.ts';

/** A tag as git has it. */
export interface LedgerTag {
  /** Short name, without `refs/tags/`. */
  readonly name: string;
  /** The commit an annotated tag points at; absent for a lightweight tag and for one on something else. */
  readonly commit?: string;
  /** Whole seconds, as git keeps them. */
  readonly time: Date;
  readonly tagger: string;
  readonly message: string;
}

/** A registered version. What a tag written by another tool does not say is absent. */
export interface VersionRecord {
  readonly version: string;
  readonly tag: string;
  readonly commit: string;
  /** The model digest, hex. */
  readonly modelDigest?: string;
  /** sha256 (hex) of the passport's bytes. */
  readonly passportDigest?: string;
  /** sha256 (hex) of `metrics.json` beside the bytes. */
  readonly metricsDigest?: string;
  /** URI of the store root that holds the bytes. */
  readonly store?: string;
  readonly registeredAt: Date;
  /** False once it was deregistered. */
  readonly active: boolean;
  readonly trailers: ReadonlyMap<string, string>;
}

/** One event of an environment. */
export interface Assignment {
  readonly kind: 'assignment' | 'unassignment';
  /** The registered version, or the commit where no version is registered at it. */
  readonly version: string;
  readonly commit: string;
  readonly at: Date;
  readonly tag: string;
  readonly reason?: string;
  readonly actor?: string;
  readonly trailers: ReadonlyMap<string, string>;
}

/** The version an environment runs, by the ledger. */
export interface LiveVersion {
  readonly version: string;
  readonly since: Date;
  readonly tag: string;
  readonly reason?: string;
  readonly actor?: string;
}

/** What the ledger says about one environment of a model. */
export interface EnvironmentState {
  readonly live?: LiveVersion;
  /** Ascending in time. */
  readonly history: readonly Assignment[];
  /** Versions that were rolled back here and not released since. */
  readonly quarantined: ReadonlySet<string>;
  /** Present while no other version may be deployed here. */
  readonly hold?: Hold;
}

/** Who stopped the deployments of an environment, when and why. */
export interface Hold {
  readonly since: Date;
  readonly tag: string;
  readonly reason?: string;
  readonly actor?: string;
}

/** Everything the tags of one model say. */
export interface ModelState {
  readonly model: string;
  /** Ascending by Semantic Versioning. */
  readonly versions: readonly VersionRecord[];
  /** Versions whose name a tag has, also a tag that does not count. */
  readonly takenVersions: ReadonlySet<string>;
  /** Commits that carry a version, also one that was deregistered. */
  readonly occupied: ReadonlySet<string>;
  readonly environments: ReadonlyMap<string, EnvironmentState>;
  /** True when the model's last event is a deprecation; `@created` says nothing. */
  readonly deprecated: boolean;
  /** The greatest counter of any tag of the model, 0 without one. */
  readonly lastCounter: number;
  /** When the newest event happened. */
  readonly newest?: Date;
  /** Tags that other readers of the ledger stumble over, one sentence each. */
  readonly problems: readonly string[];
}

/** When and where a tag's event happened. */
export interface Dated {
  readonly tag: string;
  readonly commit: string;
  readonly at: Date;
  readonly trailers: ReadonlyMap<string, string>;
}
/** What a counted tag says. */
export type Event = TagEvent & Dated;

/** GTO's order of events of the same second. */
const PRIORITY: Readonly<Record<TagEvent['kind'], number>> = {
  creation: 1,
  deprecation: 2,
  registration: 3,
  deregistration: 4,
  assignment: 5,
  unassignment: 6,
};

/**
 * What a model's tags say, by GTO's algorithm (gto 1.10, registry.get_state): annotated tags only, ordered by tagger
 * time; an assignment means the version registered at the commit it points at. Tags of other models are left out.
 */
export function deriveState(model: string, tags: readonly LedgerTag[]): ModelState {
  const own = tags
    .map((tag) => ({ tag, event: parseTag(tag.name) }))
    .filter((x): x is { tag: LedgerTag; event: TagEvent } => x.event?.model === model);
  const events = own.flatMap(({ tag, event }): Event[] =>
    tag.commit === undefined
      ? []
      : [
          {
            ...event,
            tag: tag.name,
            commit: tag.commit,
            at: tag.time,
            trailers: parseTrailers(tag.message),
          },
        ],
  );
  events.sort(
    (a, b) =>
      a.at.getTime() - b.at.getTime() || PRIORITY[a.kind] - PRIORITY[b.kind] || (a.tag < b.tag ? -1 : 1),
  );
  const { versions, carriers, problems } = collectVersions(model, events);
  const newest = events.at(-1);
  return {
    model,
    versions,
    takenVersions: new Set(own.flatMap(({ event }) => ('version' in event ? [event.version] : []))),
    occupied: new Set(carriers.keys()),
    environments: collectEnvironments(events, carriers),
    deprecated: events.findLast(({ kind }) => kind !== 'creation')?.kind === 'deprecation',
    lastCounter: own.reduce((greatest, { event }) => Math.max(greatest, usableCounter(event)), 0),
    ...(newest === undefined ? {} : { newest: newest.at }),
    problems: [
      ...own
        .filter(({ tag }) => tag.commit === undefined)
        .map(({ tag }) => `Tag ${tag.name} is not an annotated tag of a commit; it is ignored.`),
      ...problems,
    ],
  };
}

/** Counters only make names unique, so one that JavaScript cannot count on from is none. */
function usableCounter({ counter = 0 }: TagEvent): number {
  return counter < 1e15 ? counter : 0;
}

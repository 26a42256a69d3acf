import { parseTag, type TagEvent } from './grammar.ts';
import { parseTrailers } from './message.ts';
import { compareVersions } from './versions.ts';

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
}

/** Everything the tags of one model say. */
export interface ModelState {
  readonly model: string;
  /** Ascending by Semantic Versioning. */
  readonly versions: readonly VersionRecord[];
  /** Versions whose name a tag has, also a tag that does not count. */
  readonly takenVersions: ReadonlySet<string>;
  readonly environments: ReadonlyMap<string, EnvironmentState>;
  /** True when the model's last event is a deprecation. */
  readonly deprecated: boolean;
  /** The greatest counter of any tag of the model, 0 without one. */
  readonly lastCounter: number;
  /** When the newest event happened. */
  readonly newest?: Date;
  /** Tags that other readers of the ledger stumble over, one sentence each. */
  readonly problems: readonly string[];
}

interface Dated {
  readonly tag: string;
  readonly commit: string;
  readonly at: Date;
  readonly trailers: ReadonlyMap<string, string>;
}
type Event = TagEvent & Dated;

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
  const { versions, problems } = collectVersions(model, events);
  const newest = events.at(-1);
  return {
    model,
    versions,
    takenVersions: new Set(own.flatMap(({ event }) => ('version' in event ? [event.version] : []))),
    environments: collectEnvironments(events, versions),
    deprecated: newest?.kind === 'deprecation',
    lastCounter: own.reduce((greatest, { event }) => Math.max(greatest, event.counter ?? 0), 0),
    ...(newest === undefined ? {} : { newest: newest.at }),
    problems: [
      ...own
        .filter(({ tag }) => tag.commit === undefined)
        .map(({ tag }) => `Tag ${tag.name} is not an annotated tag of a commit; it is ignored.`),
      ...problems,
    ],
  };
}

function collectVersions(
  model: string,
  events: readonly Event[],
): { versions: VersionRecord[]; problems: string[] } {
  const versions = new Map<string, VersionRecord>();
  const problems: string[] = [];
  for (const event of events) {
    if (event.kind === 'registration') {
      const known = versions.get(event.version);
      if (known === undefined) versions.set(event.version, versionRecord(event));
      else if (known.commit === event.commit) versions.set(event.version, { ...known, active: true });
      else problems.push(`Tags ${known.tag} and ${event.tag} register one version at two commits.`);
    } else if (event.kind === 'deregistration') {
      const known = versions.get(event.version);
      if (known !== undefined) versions.set(event.version, { ...known, active: false });
      else problems.push(`Tag ${event.tag} deregisters a version that is not registered.`);
    }
  }
  const sorted = [...versions.values()].sort((a, b) => compareVersions(a.version, b.version));
  for (const [index, record] of sorted.entries()) {
    const twin = sorted.slice(0, index).find((other) => other.commit === record.commit);
    if (twin === undefined) continue;
    problems.push(
      `Versions ${twin.version} and ${record.version} of ${model} are at one commit (${record.commit}); gto cannot read that, and assignments there mean the newer one.`,
    );
  }
  return { versions: sorted, problems };
}

function versionRecord(event: Extract<TagEvent, { version: string }> & Dated): VersionRecord {
  const digest = event.trailers.get('Model-Digest');
  const passport = event.trailers.get('Passport-Digest');
  const store = event.trailers.get('Store');
  return {
    version: event.version,
    tag: event.tag,
    commit: event.commit,
    ...(digest === undefined ? {} : { modelDigest: withoutAlgorithm(digest) }),
    ...(passport === undefined ? {} : { passportDigest: withoutAlgorithm(passport) }),
    ...(store === undefined ? {} : { store }),
    registeredAt: event.at,
    active: true,
    trailers: event.trailers,
  };
}

function withoutAlgorithm(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

function collectEnvironments(
  events: readonly Event[],
  versions: readonly VersionRecord[],
): Map<string, EnvironmentState> {
  const byCommit = new Map(versions.map((v) => [v.commit, v.version]));
  const histories = new Map<string, Assignment[]>();
  for (const event of events) {
    if (event.kind !== 'assignment' && event.kind !== 'unassignment') continue;
    const history = histories.get(event.environment) ?? [];
    histories.set(event.environment, history);
    history.push(assignment(event, byCommit.get(event.commit) ?? event.commit));
  }
  const inactive = new Set(versions.filter((v) => !v.active).map((v) => v.version));
  return new Map([...histories].map(([name, history]) => [name, environmentState(history, inactive)]));
}

function assignment(event: Extract<TagEvent, { environment: string }> & Dated, version: string): Assignment {
  const reason = event.trailers.get('Reason');
  const actor = event.trailers.get('Actor');
  return {
    kind: event.kind,
    version,
    at: event.at,
    tag: event.tag,
    ...(reason === undefined ? {} : { reason }),
    ...(actor === undefined ? {} : { actor }),
    trailers: event.trailers,
  };
}

/** Live is the latest assignment among the versions whose own last event here is an assignment. */
function environmentState(history: readonly Assignment[], inactive: ReadonlySet<string>): EnvironmentState {
  const last = new Map(history.map((event) => [event.version, event]));
  const candidates = history.filter(
    (event) =>
      event.kind === 'assignment' && last.get(event.version) === event && !inactive.has(event.version),
  );
  const newest = candidates.at(-1);
  return {
    ...(newest === undefined ? {} : { live: liveVersion(newest) }),
    history,
    quarantined: quarantinedVersions(history),
  };
}

function liveVersion(event: Assignment): LiveVersion {
  return {
    version: event.version,
    since: event.at,
    tag: event.tag,
    ...(event.reason === undefined ? {} : { reason: event.reason }),
    ...(event.actor === undefined ? {} : { actor: event.actor }),
  };
}

function quarantinedVersions(history: readonly Assignment[]): Set<string> {
  const quarantined = new Set<string>();
  for (const event of history) {
    if (event.kind === 'unassignment' && event.trailers.get('Quarantine') === 'true') {
      quarantined.add(event.version);
    } else if (event.kind === 'assignment' && event.trailers.get('Release-Quarantine') === 'true') {
      quarantined.delete(event.version);
    }
  }
  return quarantined;
}

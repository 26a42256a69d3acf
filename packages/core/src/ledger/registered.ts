import type { ReadTrailers } from './message.ts';
import type { Event, VersionRecord } from './state.ts';
import { compareVersions, sortByVersion } from './versions.ts';

/** What a commit carries, for the assignments that point at it. */
export interface Carrier {
  readonly version: string;
  readonly active: boolean;
  /** When the version was last registered; of one that never was, when it was deregistered. */
  readonly registeredAt: Date;
  /** Its first tag: by time, then by name. */
  readonly tag: string;
  readonly firstAt: Date;
}

interface Registry {
  /** One for each name, ascending by Semantic Versioning. */
  readonly versions: readonly VersionRecord[];
  /** By commit. */
  readonly carriers: ReadonlyMap<string, Carrier>;
  /** What gto, or a reader who knows a version by its name, stumbles over; one sentence each. */
  readonly problems: readonly string[];
}

type Registration = Extract<Event, { version: string }>;

/** A version as GTO knows it: by its name and its commit. */
interface Entry extends Carrier {
  readonly commit: string;
  /** The first; absent for a version that was deregistered only. */
  readonly registration: Registration | undefined;
}

/**
 * The versions that the events (ascending) register. GTO gives the name of a deregistered version to another commit, and a
 * deregistration at another commit takes nothing away; so name and commit together are the version.
 */
export function collectVersions(model: string, events: readonly Event[]): Registry {
  const named = entriesByName(events);
  const { carriers, shared } = carriersOf(named);
  return {
    versions: sortByVersion(named.flatMap(recordOf)),
    carriers,
    problems: [...strays(named), ...twins(model, named, shared)],
  };
}

/** Which of two versions came first. */
export function compareFirst(a: Carrier, b: Carrier): number {
  return a.firstAt.getTime() - b.firstAt.getTime() || (a.tag < b.tag ? -1 : 1);
}

/** What was registered or deregistered under one name, at each commit, in the order of the first tags. */
type Named = readonly Entry[];

function entriesByName(events: readonly Event[]): readonly Named[] {
  const named = new Map<string, Entry[]>();
  for (const event of events) {
    if (!('version' in event)) continue;
    const known = named.get(event.version);
    if (known === undefined) {
      named.set(event.version, [first(event)]);
      continue;
    }
    const index = known.findIndex(({ commit }) => commit === event.commit);
    const before = known[index];
    if (before === undefined) known.push(first(event));
    else known[index] = after(before, event);
  }
  return [...named.values()].map((entries) => entries.sort(compareFirst));
}

function first(event: Registration): Entry {
  const { version, commit, at, tag } = event;
  const active = event.kind === 'registration';
  const registration = active ? event : undefined;
  return { version, commit, tag, firstAt: at, active, registeredAt: at, registration };
}

function after(before: Entry, event: Registration): Entry {
  const { at, tag, kind } = event;
  const sooner = at.getTime() === before.firstAt.getTime() && tag < before.tag;
  const known = { ...before, tag: sooner ? tag : before.tag };
  return kind === 'deregistration'
    ? { ...known, active: false }
    : { ...known, active: true, registeredAt: at, registration: before.registration ?? event };
}

/** Of several registrations of one name the one that counts: the first that is active, else the last. */
function recordOf(entries: Named): VersionRecord[] {
  const registered = entries.filter(({ registration }) => registration !== undefined);
  const entry = registered.find(({ active }) => active) ?? registered.at(-1);
  return entry?.registration === undefined ? [] : [new Registered(entry.registration, entry.active)];
}

/** The greatest version at each commit, and the commits where several were registered. */
function carriersOf(named: readonly Named[]): {
  readonly carriers: ReadonlyMap<string, Carrier>;
  readonly shared: ReadonlySet<string>;
} {
  const carriers = new Map<string, Entry>();
  const shared = new Set<string>();
  for (const entry of named.flat()) {
    const other = carriers.get(entry.commit);
    if (other !== undefined) shared.add(entry.commit);
    if (other === undefined || compareVersions(other.version, entry.version) < 0)
      carriers.set(entry.commit, entry);
  }
  return { carriers, shared };
}

/** Names registered twice at a time, and deregistrations that take nothing away. */
function strays(named: readonly Named[]): string[] {
  return named
    .filter((entries) => entries.length > 1 || entries[0]?.registration === undefined)
    .flatMap((entries) => entries.flatMap((entry) => stray(entry, entries)));
}

function stray({ registration, active, tag, version }: Entry, entries: Named): string[] {
  if (registration === undefined) {
    return entries.some((other) => other.registration !== undefined)
      ? [`Tag ${tag} is not at the commit where ${version} is registered, so it deregisters nothing.`]
      : [`Tag ${tag} deregisters a version that is not registered.`];
  }
  const counted = entries.find((other) => other.registration !== undefined && other.active);
  if (!active || counted === undefined || counted.tag === tag) return [];
  return [`Tags ${counted.tag} and ${tag} register one version at two commits; the first counts.`];
}

/** One sentence for each version whose commit carries a lesser one too. */
function twins(model: string, named: readonly Named[], shared: ReadonlySet<string>): string[] {
  if (shared.size === 0) return [];
  const registered = named
    .flat()
    .filter(({ registration, commit }) => registration !== undefined && shared.has(commit));
  const seen = new Map<string, string>();
  return sortByVersion(registered).flatMap(({ version, commit }) => {
    const twin = seen.get(commit);
    seen.set(commit, twin ?? version);
    return twin === undefined
      ? []
      : [
          `Versions ${twin} and ${version} of ${model} are at one commit (${commit}); gto cannot read that, and assignments there mean the newer one.`,
        ];
  });
}

/** What a registration says, read from its trailers when asked. */
class Registered implements VersionRecord {
  readonly active: boolean;
  readonly #event: Registration;

  constructor(event: Registration, active: boolean) {
    this.#event = event;
    this.active = active;
  }

  get version(): string {
    return this.#event.version;
  }
  get tag(): string {
    return this.#event.tag;
  }
  get commit(): string {
    return this.#event.commit;
  }
  get registeredAt(): Date {
    return this.#event.at;
  }
  get trailers(): ReadTrailers {
    return this.#event.trailers;
  }
  get store(): string | undefined {
    return this.trailers.get('Store');
  }
  get modelDigest(): string | undefined {
    return this.#digest('Model-Digest');
  }
  get passportDigest(): string | undefined {
    return this.#digest('Passport-Digest');
  }
  get attestationDigest(): string | undefined {
    return this.#digest('Attestation-Digest');
  }
  get metricsDigest(): string | undefined {
    return this.#digest('Metrics-Digest');
  }

  get goldenDigest(): string | undefined {
    return this.#digest('Golden-Digest');
  }

  get predictions(): VersionRecord['predictions'] {
    const [, name, sha256] =
      /^(\S+) sha256:([0-9a-f]{64})$/.exec(this.trailers.get('Predictions') ?? '') ?? [];
    return name === undefined || sha256 === undefined ? undefined : { name, sha256 };
  }

  /** Whoever may push tags may write anything there; what is no digest finds no bytes and vouches for none. */
  #digest(key: string): string | undefined {
    return /^(?:sha256:)?([0-9a-f]{64})$/.exec(this.trailers.get(key) ?? '')?.[1];
  }
}

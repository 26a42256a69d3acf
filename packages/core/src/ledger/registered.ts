import type { Event, VersionRecord } from './state.ts';
import { compareVersions, sortByVersion } from './versions.ts';

/** What a commit carries, for the assignments that point at it. */
export interface Carrier {
  readonly version: string;
  readonly active: boolean;
  /** When the version was last registered; of one that never was, when it was deregistered. */
  readonly registeredAt: Date;
  /** Place among the model's versions by their first tag: time, then name. */
  readonly order: number;
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
  readonly tag: string;
  readonly commit: string;
  /** Absent for a version that was deregistered only. */
  readonly record?: VersionRecord;
}

/**
 * The versions that the events (ascending) register. GTO gives the name of a deregistered version to another commit, and a
 * deregistration at another commit takes nothing away; so name and commit together are the version.
 */
export function collectVersions(model: string, events: readonly Event[]): Registry {
  const dated = events.flatMap((event) => ('version' in event ? [event] : []));
  const orders = firstTags(dated);
  const entries = new Map<string, Entry>();
  for (const event of dated) {
    const key = keyOf(event);
    entries.set(key, after(entries.get(key), event, orders.get(key) ?? 0));
  }
  const all = [...entries.values()].sort((a, b) => a.order - b.order);
  const records = recordsByName(all);
  const versions = sortByVersion([...records.values()]);
  const problems = [...strays(all, records), ...twins(model, all)];
  return { versions, carriers: carriersOf(all), problems };
}

const keyOf = ({ version, commit }: Registration): string => `${version} ${commit}`;

function firstTags(dated: readonly Registration[]): ReadonlyMap<string, number> {
  const sorted = [...dated].sort((a, b) => Number(a.at) - Number(b.at) || (a.tag < b.tag ? -1 : 1));
  return new Map([...new Set(sorted.map(keyOf))].map((key, index) => [key, index]));
}

function after(before: Entry | undefined, event: Registration, order: number): Entry {
  const { version, commit, at, tag, kind } = event;
  const active = kind === 'registration';
  const base = before ?? { version, commit, tag, order, active, registeredAt: at };
  if (!active) {
    const record = before?.record;
    return { ...base, active, ...(record === undefined ? {} : { record: { ...record, active } }) };
  }
  return {
    ...base,
    active,
    registeredAt: at,
    record: { ...(before?.record ?? versionRecord(event)), active },
  };
}

/** Of several registrations of one name the one that counts: the first that is active, else the last. */
function recordsByName(all: readonly Entry[]): ReadonlyMap<string, VersionRecord> {
  const records = new Map<string, VersionRecord>();
  for (const { version, record } of all) {
    if (record !== undefined && records.get(version)?.active !== true) records.set(version, record);
  }
  return records;
}

function carriersOf(all: readonly Entry[]): ReadonlyMap<string, Carrier> {
  const carriers = new Map<string, Carrier>();
  for (const entry of all) {
    const other = carriers.get(entry.commit);
    if (other === undefined || compareVersions(other.version, entry.version) < 0)
      carriers.set(entry.commit, entry);
  }
  return carriers;
}

/** Names registered twice at a time, and deregistrations that take nothing away. */
function strays(all: readonly Entry[], records: ReadonlyMap<string, VersionRecord>): string[] {
  const registered = new Map<string, Entry>();
  return all.flatMap((entry) => {
    const { record, tag, version } = entry;
    if (record === undefined) {
      return records.has(version)
        ? [`Tag ${tag} is not at the commit where ${version} is registered, so it deregisters nothing.`]
        : [`Tag ${tag} deregisters a version that is not registered.`];
    }
    if (!entry.active) return [];
    const known = registered.get(version);
    registered.set(version, known ?? entry);
    return known === undefined
      ? []
      : [`Tags ${known.tag} and ${tag} register one version at two commits; the first counts.`];
  });
}

/** One sentence for each version whose commit carries a lesser one too. */
function twins(model: string, all: readonly Entry[]): string[] {
  const shared = new Set<string>();
  const commits = new Set<string>();
  for (const { commit, record } of all) {
    if (record === undefined) continue;
    if (commits.has(commit)) shared.add(commit);
    commits.add(commit);
  }
  const sorted = sortByVersion(
    all.filter(({ commit, record }) => record !== undefined && shared.has(commit)),
  );
  const seen = new Map<string, string>();
  return sorted.flatMap(({ version, commit }) => {
    const twin = seen.get(commit);
    seen.set(commit, twin ?? version);
    return twin === undefined
      ? []
      : [
          `Versions ${twin} and ${version} of ${model} are at one commit (${commit}); gto cannot read that, and assignments there mean the newer one.`,
        ];
  });
}

function versionRecord({ version, tag, commit, at, trailers }: Registration): VersionRecord {
  const digest = trailers.get('Model-Digest');
  const passport = trailers.get('Passport-Digest');
  const metrics = trailers.get('Metrics-Digest');
  const store = trailers.get('Store');
  return {
    version,
    tag,
    commit,
    ...(digest === undefined ? {} : { modelDigest: withoutAlgorithm(digest) }),
    ...(passport === undefined ? {} : { passportDigest: withoutAlgorithm(passport) }),
    ...(metrics === undefined ? {} : { metricsDigest: withoutAlgorithm(metrics) }),
    ...(store === undefined ? {} : { store }),
    registeredAt: at,
    active: true,
    trailers,
  };
}

function withoutAlgorithm(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

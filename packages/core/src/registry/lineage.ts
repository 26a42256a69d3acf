import { parseJson } from '../action/json.ts';
import { makingOf, type Making } from '../evidence/making.ts';
import type { Statement } from '../evidence/statement.ts';
import { LISTS, type ListKey, type MadeFrom } from '../ledger/registration.ts';
import type { Assignment, EnvironmentState, ModelState, VersionRecord } from '../ledger/state.ts';
import { versionMetrics } from '../ledger/version-metrics.ts';

/** Names to digests or values, as text. */
export type Named = Readonly<Record<string, string>>;

/** Who did something, when, and why; what the ledger does not say is absent. */
export interface Act {
  readonly at: Date;
  readonly by?: string;
  readonly reason?: string;
  /** URL of the workflow run. */
  readonly run?: string;
  /** How it came by the environment, where another rollout had it that may have been running. */
  readonly tookOver?: string;
}

/** A time during which an environment ran the version. */
export interface Deployment {
  readonly environment: string;
  readonly began: Act;
  /** What replaced it or took it out; absent while it runs, and of a version that was deregistered while it ran. */
  readonly ended?: Act;
  readonly running: boolean;
}

/** Where a version comes from and where it went. What nobody recorded is undefined. */
export interface Lineage {
  readonly model: string;
  readonly version: string;
  readonly tag: string;
  readonly registered: Act;
  /** The commit it was trained from. */
  readonly code: string | undefined;
  readonly data: Named | undefined;
  readonly parameters: Named | undefined;
  readonly environment: Named | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  /** What they were measured on, by its digests. */
  readonly testSet: string | undefined;
  /** Entries that are in the passport or beside the bytes, and not here. */
  readonly leftOut: Readonly<Partial<Record<ListKey, number>>>;
  /** By the time they began. */
  readonly deployments: readonly Deployment[];
}

/**
 * The one answer to where a version comes from: the passport's statements where they are given, else the first twenty
 * entries of each kind that its tag holds. Undefined when the model has no such version.
 */
export function lineage(
  state: ModelState,
  version: string,
  passport: readonly Statement[] = [],
): Lineage | undefined {
  const record = state.versions.find((v) => v.version === version);
  if (record === undefined) return undefined;
  const making = record.modelDigest === undefined ? undefined : makingOf(passport, record.modelDigest);
  const { trailers, registeredAt } = record;
  return {
    model: state.model,
    version,
    tag: record.tag,
    registered: act({ at: registeredAt, trailers }),
    code: making?.code === undefined ? trailers.get('Code') : describeCode(making.code),
    data: making?.data ?? named(record, 'Data'),
    parameters: making?.parameters ?? named(record, 'Parameters'),
    environment: making?.environment ?? named(record, 'Environment'),
    metrics: versionMetrics(record),
    testSet: trailers.get('Test-Set'),
    leftOut: leftOutOf(record, making === undefined ? LISTS : ['Metrics']),
    deployments: deploymentsOf(state, version),
  };
}

/** What the tag of a version says about its making. */
export function madeFrom(passport: readonly Statement[], modelDigest: string): MadeFrom | undefined {
  const making = makingOf(passport, modelDigest);
  if (making === undefined) return undefined;
  return {
    code: making.code === undefined ? undefined : describeCode(making.code),
    data: making.data,
    parameters: making.parameters,
    environment: making.environment,
  };
}

function describeCode({ commit, dirty }: NonNullable<Making['code']>): string {
  return dirty ? `${commit} with uncommitted changes` : commit;
}

/** A trailer of names and values; undefined when it is absent or another tool wrote something else there. */
function named({ trailers }: VersionRecord, key: string): Named | undefined {
  const text = trailers.get(key);
  if (text === undefined) return undefined;
  const parsed = parseJson(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
}

/** What the tag says is missing of these lists; another tool may have written anything. */
function leftOutOf(record: VersionRecord, lists: readonly ListKey[]): Lineage['leftOut'] {
  const missing = named(record, 'Left-Out') ?? {};
  return Object.fromEntries(
    lists
      .map((key) => [key, Number(missing[key])] as const)
      .filter(([, n]) => Number.isSafeInteger(n) && n > 0),
  );
}

function deploymentsOf(state: ModelState, version: string): Deployment[] {
  const all = [...state.environments].flatMap(([name, environment]) => stays(name, environment, version));
  return all.sort((a, b) => a.began.at.getTime() - b.began.at.getTime());
}

/** A version runs while it is assigned and nothing that was assigned after it is assigned still. */
function stays(environment: string, { history, live }: EnvironmentState, version: string): Deployment[] {
  const found: { environment: string; began: Act; ended?: Act; running: boolean }[] = [];
  const covering = new Set<string>();
  let assigned = false;
  for (const event of history) {
    if (event.version === version) {
      assigned = event.kind === 'assignment';
      if (assigned) covering.clear();
    } else if (event.kind === 'assignment') covering.add(event.version);
    else covering.delete(event.version);
    const runs = assigned && covering.size === 0;
    const last = found.at(-1);
    if (runs && last?.running !== true) found.push({ environment, began: act(event), running: true });
    if (!runs && last?.running === true)
      found[found.length - 1] = { ...last, ended: act(event), running: false };
  }
  const last = found.at(-1);
  const isLive = live?.version === version;
  // Deregistrations are no events of the environment; the state has the last word.
  if (last?.running === true && !isLive) found[found.length - 1] = { ...last, running: false };
  if (isLive && last?.running !== true) found.push({ environment, began: { at: live.since }, running: true });
  return found;
}

function act({ at, trailers }: Pick<Assignment, 'at' | 'trailers'>): Act {
  const [by, reason, run, preempted, forced] = ['Actor', 'Reason', 'Run', 'Pre-empted', 'Forced'].map((key) =>
    trailers.get(key),
  );
  return {
    at,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined ? {} : { reason }),
    ...(run === undefined ? {} : { run }),
    ...(preempted === undefined ? {} : { tookOver: `pre-empted ${preempted}` }),
    ...(forced === undefined ? {} : { tookOver: `by force from ${forced}` }),
  };
}

import {
  assignmentTag,
  environmentOf,
  isKeptOut,
  superseded,
  unassignmentTag,
  unusable,
  versionOf,
  type EnvironmentWish,
} from './assignment.ts';
import type { Plan } from './plan.ts';
import { servingOrder } from './serving-order.ts';
import type { EnvironmentState, ModelState, VersionRecord } from './state.ts';

export interface RollbackWish extends EnvironmentWish {
  /** The version to go back to, null for none; without it, the good one that was in service before. */
  readonly to?: string | null | undefined;
  /** Allows `to` to be a version that was rolled back here before. */
  readonly releaseQuarantine: boolean;
  /** Keeps other versions out until the hold is released. */
  readonly hold: boolean;
  /** Says again that `to` is live where it is. */
  readonly again?: boolean | undefined;
  /** Whether the bytes of a version are where the ledger says. */
  readonly bytesPresent: (version: VersionRecord) => boolean;
}

export type RollbackRefusal = 'superseded' | 'unknown-version' | 'quarantined' | 'nothing-to-roll-back-to';

/**
 * Goes back to an earlier version: takes the live one out with quarantine and assigns the good one, in one write; what takes
 * rollbacks back quarantines nothing.
 * The target is the newest version that was in service before the live one, is not quarantined, still registered and whose
 * bytes are present; so a repeated rollback walks further back and never returns to a bad version.
 */
export function planRollback(state: ModelState, wish: RollbackWish, now: Date): Plan<RollbackRefusal> {
  const environment = environmentOf(state, wish.environment);
  const stale = superseded(state, environment, wish);
  if (stale !== undefined) return stale;
  if (wish.to === null) return planWithdrawal(state, environment, wish, now);
  const target =
    wish.to === undefined
      ? rollbackTarget(state, environment, wish)
      : explicitTarget(state, environment, wish, wish.to);
  if ('kind' in target) return target;
  const left = environment.live?.version === target.version ? undefined : environment.live;
  const good = assignmentTag(state, wish, target, environment, {
    step: left === undefined ? 1 : 2,
    released: isKeptOut(state, environment, target),
    hold: wish.hold ? 'set' : 'unchanged',
    now,
  });
  if (left === undefined) return { kind: 'write', version: target.version, tags: [good] };
  const withdrawal = unassignmentTag(state, wish, left.version, {
    quarantine: quarantinedBy(environment, target.version) !== undefined,
    step: 1,
    now,
  });
  return { kind: 'write', version: target.version, previous: left.version, tags: [withdrawal, good] };
}

/** The version that going back to another one, or to none, quarantines: the one it leaves, unless it takes rollbacks back. */
export function quarantinedBy(environment: EnvironmentState, to: string | null): string | undefined {
  const left = environment.live?.version;
  return left === to || (to !== null && takesBack(environment, to)) ? undefined : left;
}

/**
 * Whether a version was taken out by a rollback, and nothing but steps back lies between then and now: what is in service since
 * is where they went, and nobody found fault with it.
 */
function takesBack({ history, quarantined }: EnvironmentState, to: string): boolean {
  if (!quarantined.has(to)) return false;
  const out = history.findLastIndex(
    ({ kind, version, trailers }) =>
      kind === 'unassignment' && version === to && trailers.get('Quarantine') === 'true',
  );
  const then = servingOrder(history.slice(0, out));
  return then.at(-1) === to && servingOrder(history).every((version, index) => version === then[index]);
}

/**
 * Takes the live version out with quarantine, and every other that would be live then: what is not taken out is live again
 * when what came after it goes.
 */
function planWithdrawal(
  state: ModelState,
  environment: EnvironmentState,
  wish: RollbackWish,
  now: Date,
): Plan<never> {
  const { live, history } = environment;
  if (live === undefined) {
    const message = `No version of ${state.model} is live in ${wish.environment} already.`;
    return { kind: 'nothing', version: '', message };
  }
  const last = new Map(history.map((event) => [event.commit, event]));
  const others = [...last.values()].filter(
    ({ kind, version }) => kind === 'assignment' && version !== live.version,
  );
  const versions = [live.version, ...others.map(({ version }) => version)];
  return {
    kind: 'write',
    version: live.version,
    previous: live.version,
    tags: versions.map((version, index) =>
      unassignmentTag(state, wish, version, { quarantine: index === 0, step: index + 1, now }),
    ),
  };
}

/** Good versions that were in service before the live one, the one before it first. */
export function earlierVersions(
  state: ModelState,
  environment: EnvironmentState,
  bytesPresent: RollbackWish['bytesPresent'],
): VersionRecord[] {
  return before(environment).flatMap((version) => {
    const record = versionOf(state, version);
    return record !== undefined && faultOf(state, environment, record, bytesPresent) === undefined
      ? [record]
      : [];
  });
}

function before({ history, live }: EnvironmentState): string[] {
  const order = servingOrder(history);
  const at = live === undefined ? -1 : order.lastIndexOf(live.version);
  const earlier = at < 0 ? order : order.slice(0, at);
  return [...new Set(earlier.reverse())].filter((version) => version !== live?.version);
}

function faultOf(
  state: ModelState,
  environment: EnvironmentState,
  record: VersionRecord | undefined,
  bytesPresent: RollbackWish['bytesPresent'],
): string | undefined {
  if (record === undefined || !record.active) return 'not registered';
  if (isKeptOut(state, environment, record)) return 'quarantined';
  return bytesPresent(record) ? undefined : 'bytes missing';
}

function rollbackTarget(
  state: ModelState,
  environment: EnvironmentState,
  wish: RollbackWish,
): VersionRecord | Plan<RollbackRefusal> {
  const [target] = earlierVersions(state, environment, wish.bytesPresent);
  if (target !== undefined) return target;
  const seen = new Set(environment.history.toReversed().map(({ version }) => version));
  const skipped = [...seen]
    .filter((version) => version !== environment.live?.version)
    .map((version) => {
      const record = versionOf(state, version);
      return `${version} (${faultOf(state, environment, record, wish.bytesPresent) ?? 'in service only later'})`;
    });
  const looked =
    skipped.length === 0 ? 'No other version was live here' : `Not usable: ${skipped.join(', ')}`;
  return {
    kind: 'refused',
    reason: 'nothing-to-roll-back-to',
    message: `${state.model} has no earlier good version in ${wish.environment}. ${looked}. Name a version with 'to', take the live one out with 'to: none', or deploy a new one.`,
  };
}

function explicitTarget(
  state: ModelState,
  environment: EnvironmentState,
  wish: RollbackWish,
  to: string,
): VersionRecord | Plan<RollbackRefusal> {
  const refusal = unusable(state, environment, wish, to);
  if (refusal !== undefined) return refusal;
  const record = versionOf(state, to) as VersionRecord;
  const isHeldAnew = wish.hold && environment.hold === undefined;
  if (environment.live?.version === to && (isHeldAnew || wish.again === true)) return record;
  if (environment.live?.version === to) {
    return {
      kind: 'nothing',
      version: to,
      message: `${state.model} ${to} is live in ${wish.environment} already.`,
    };
  }
  if (!environment.history.some((e) => e.kind === 'assignment' && e.version === to)) {
    return {
      kind: 'refused',
      reason: 'unknown-version',
      message: `${state.model} ${to} was never live in ${wish.environment}, so there is no going back to it. Deploy it instead${seenHere(environment)}.`,
    };
  }
  if (wish.bytesPresent(record)) return record;
  return {
    kind: 'refused',
    reason: 'nothing-to-roll-back-to',
    message: `The bytes of ${state.model} ${to} are not in ${record.store ?? 'any store'} with the digest of the ledger. Restore them, or choose another version.`,
  };
}

function seenHere(environment: EnvironmentState): string {
  const seen = [...new Set(environment.history.map((e) => e.version))];
  return seen.length === 0 ? '' : `, or choose one that was: ${seen.slice(-10).join(', ')}`;
}

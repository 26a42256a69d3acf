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
import type { EnvironmentState, ModelState, VersionRecord } from './state.ts';

export interface RollbackWish extends EnvironmentWish {
  /** The version to go back to; without it, the newest good one that was live here. */
  readonly to?: string | undefined;
  /** Allows `to` to be a version that was rolled back here before. */
  readonly releaseQuarantine: boolean;
  /** Keeps other versions out until the hold is released. */
  readonly hold: boolean;
  /** Whether the bytes of a version are where the ledger says. */
  readonly bytesPresent: (version: VersionRecord) => boolean;
}

export type RollbackRefusal = 'superseded' | 'unknown-version' | 'quarantined' | 'nothing-to-roll-back-to';

/**
 * Goes back to an earlier version: takes the live one out with quarantine and assigns the good one, in one write.
 * The target is the newest version that was assigned here, is not live, not quarantined, still registered and whose
 * bytes are present; so a repeated rollback walks further back and never returns to a bad version.
 */
export function planRollback(state: ModelState, wish: RollbackWish, now: Date): Plan<RollbackRefusal> {
  const environment = environmentOf(state, wish.environment);
  const stale = superseded(state, environment, wish);
  if (stale !== undefined) return stale;
  const target =
    wish.to === undefined
      ? rollbackTarget(state, environment, wish)
      : explicitTarget(state, environment, wish, wish.to);
  if ('kind' in target) return target;
  const bad = environment.live?.version === target.version ? undefined : environment.live;
  const good = assignmentTag(state, wish, target, environment, {
    step: bad === undefined ? 1 : 2,
    released: isKeptOut(state, environment, target),
    hold: wish.hold ? 'set' : 'unchanged',
    now,
  });
  if (bad === undefined) return { kind: 'write', version: target.version, tags: [good] };
  const withdrawal = unassignmentTag(state, wish, bad.version, true, now);
  return { kind: 'write', version: target.version, previous: bad.version, tags: [withdrawal, good] };
}

function rollbackTarget(
  state: ModelState,
  environment: EnvironmentState,
  wish: RollbackWish,
): VersionRecord | Plan<RollbackRefusal> {
  const skipped: string[] = [];
  const seen = new Set<string>();
  for (const { kind, version } of [...environment.history].reverse()) {
    if (kind !== 'assignment' || version === environment.live?.version || seen.has(version)) continue;
    seen.add(version);
    const record = versionOf(state, version);
    const fault =
      record === undefined || !record.active
        ? 'not registered'
        : isKeptOut(state, environment, record)
          ? 'quarantined'
          : wish.bytesPresent(record)
            ? undefined
            : 'bytes missing';
    if (fault === undefined) return record as VersionRecord;
    skipped.push(`${version} (${fault})`);
  }
  const looked =
    skipped.length === 0 ? 'No other version was live here' : `Not usable: ${skipped.join(', ')}`;
  return {
    kind: 'refused',
    reason: 'nothing-to-roll-back-to',
    message: `${state.model} has no earlier good version in ${wish.environment}. ${looked}. Name a version with 'to', or deploy a new one.`,
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
  if (environment.live?.version === to && wish.hold && environment.hold === undefined) return record;
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

import { formatTag } from './grammar.ts';
import { formatMessage, type Trailers } from './message.ts';
import { nextTime, type Origin, type Plan, type PlannedTag, type Refused } from './plan.ts';
import { retiredBytes } from './retired.ts';
import type { EnvironmentState, ModelState, VersionRecord } from './state.ts';

export interface EnvironmentWish extends Origin {
  readonly environment: string;
  readonly reason?: string | undefined;
  /** The version that must be live for the wish to hold; anything else is `superseded`. */
  readonly expectedCurrent?: string | undefined;
  readonly gate?: string | undefined;
  readonly strategy?: string | undefined;
}

export interface AssignWish extends EnvironmentWish {
  readonly version: string;
  /** Allows a version that was rolled back here. */
  readonly releaseQuarantine: boolean;
  /** Ends the hold of the environment, if there is one. */
  readonly releaseHold: boolean;
}

export type AssignRefusal = 'superseded' | 'unknown-version' | 'quarantined' | 'held';

/** Makes a version the live one of an environment. */
export function planAssignment(state: ModelState, wish: AssignWish, now: Date): Plan<AssignRefusal> {
  const environment = environmentOf(state, wish.environment);
  const refusal = superseded(state, environment, wish) ?? unusable(state, environment, wish, wish.version);
  if (refusal !== undefined) return refusal;
  const target = versionOf(state, wish.version) as VersionRecord;
  const ends = environment.hold !== undefined && wish.releaseHold;
  if (environment.live?.version === wish.version && !ends) {
    return {
      kind: 'nothing',
      version: wish.version,
      message: `${state.model} ${wish.version} is live in ${wish.environment} already.`,
    };
  }
  const held = ends ? undefined : heldBack(state, environment, wish);
  if (held !== undefined) return held;
  const released = isKeptOut(state, environment, target);
  return {
    kind: 'write',
    version: wish.version,
    ...previousOf(environment),
    tags: [
      assignmentTag(state, wish, target, environment, {
        step: 1,
        released,
        hold: ends ? 'released' : 'unchanged',
        now,
      }),
    ],
  };
}

function heldBack(
  state: ModelState,
  { hold }: EnvironmentState,
  wish: AssignWish,
): Refused<'held'> | undefined {
  if (hold === undefined) return undefined;
  const who = hold.actor === undefined ? '' : ` by ${hold.actor}`;
  return {
    kind: 'refused',
    reason: 'held',
    message: `Deployments of ${state.model} to ${wish.environment} are on hold since ${hold.since.toISOString()}${who} (${hold.reason ?? 'no reason given'}; tag ${hold.tag}). Wait until the hold is released, or end it with this deployment: 'release-hold: true'.`,
  };
}

export interface UnassignWish extends EnvironmentWish {
  readonly version: string;
  /** Keeps the version out of the environment until it is released. */
  readonly quarantine: boolean;
}

/** Takes a version out of an environment; the next latest assignment, if any, becomes the live one again. */
export function planUnassignment(
  state: ModelState,
  wish: UnassignWish,
  now: Date,
): Plan<'superseded' | 'unknown-version'> {
  const environment = environmentOf(state, wish.environment);
  const stale = superseded(state, environment, wish);
  if (stale !== undefined) return stale;
  if (versionOf(state, wish.version) === undefined) return unknownVersion(state, wish.version);
  const last = environment.history.filter((e) => e.version === wish.version).at(-1);
  const settled =
    last?.kind === 'unassignment' && (!wish.quarantine || environment.quarantined.has(wish.version));
  if (settled) {
    return {
      kind: 'nothing',
      version: wish.version,
      message: `${state.model} ${wish.version} is not assigned to ${wish.environment}.`,
    };
  }
  return {
    kind: 'write',
    version: wish.version,
    ...previousOf(environment),
    tags: [unassignmentTag(state, wish, wish.version, { quarantine: wish.quarantine, step: 1, now })],
  };
}

interface AssignmentDetails {
  readonly step: number;
  /** Whether this ends the version's quarantine. */
  readonly released: boolean;
  readonly hold: 'set' | 'released' | 'unchanged';
  readonly now: Date;
}

export function assignmentTag(
  state: ModelState,
  wish: EnvironmentWish,
  target: VersionRecord,
  environment: EnvironmentState,
  { step, released, hold, now }: AssignmentDetails,
): PlannedTag {
  const trailers: Trailers = [
    ['Reason', wish.reason],
    ['Actor', wish.actor],
    ['From', environment.live?.version],
    ['Run', wish.run],
    ['Gate', wish.gate],
    ['Strategy', wish.strategy],
    ['Release-Quarantine', released ? 'true' : undefined],
    ['Hold', hold === 'set' ? 'true' : undefined],
    ['Release-Hold', hold === 'released' ? 'true' : undefined],
  ];
  return {
    name: formatTag({
      model: state.model,
      kind: 'assignment',
      environment: wish.environment,
      counter: state.lastCounter + step,
    }),
    target: { kind: 'commit', commit: target.commit },
    time: nextTime(state, now, step),
    message: formatMessage(`${state.model} ${target.version} is live in ${wish.environment}.`, trailers),
  };
}

export function unassignmentTag(
  state: ModelState,
  wish: EnvironmentWish,
  version: string,
  { quarantine, step, now }: { readonly quarantine: boolean; readonly step: number; readonly now: Date },
): PlannedTag {
  return {
    name: formatTag({
      model: state.model,
      kind: 'unassignment',
      environment: wish.environment,
      counter: state.lastCounter + step,
    }),
    target: { kind: 'commit', commit: versionOf(state, version)?.commit ?? version },
    time: nextTime(state, now, step),
    message: formatMessage(`${state.model} ${version} was taken out of ${wish.environment}.`, [
      ['Reason', wish.reason],
      ['Actor', wish.actor],
      ['Run', wish.run],
      ['Quarantine', quarantine ? 'true' : undefined],
    ]),
  };
}

const NEVER_USED: EnvironmentState = { history: [], quarantined: new Set() };

/** Whether the version, or its bytes under another name, may come into an environment only by a release. */
export function isKeptOut(state: ModelState, environment: EnvironmentState, record: VersionRecord): boolean {
  return (
    environment.quarantined.has(record.version) || retiredBytes(state, environment, record) !== undefined
  );
}

export function environmentOf(state: ModelState, name: string): EnvironmentState {
  return state.environments.get(name) ?? NEVER_USED;
}

export function versionOf(state: ModelState, version: string): VersionRecord | undefined {
  return state.versions.find((v) => v.version === version);
}

function previousOf(environment: EnvironmentState): { previous?: string } {
  return environment.live === undefined ? {} : { previous: environment.live.version };
}

export function superseded(
  state: ModelState,
  environment: EnvironmentState,
  wish: EnvironmentWish,
): Refused<'superseded'> | undefined {
  const { expectedCurrent } = wish;
  const live = environment.live?.version;
  if (expectedCurrent === undefined || expectedCurrent === live) return undefined;
  return {
    kind: 'refused',
    reason: 'superseded',
    message: `${wish.environment} of ${state.model} runs ${live ?? 'no version'}, not ${expectedCurrent} as expected: somebody changed it meanwhile. Look at the ledger and decide again.`,
  };
}

export function unusable(
  state: ModelState,
  environment: EnvironmentState,
  wish: EnvironmentWish & { readonly releaseQuarantine: boolean },
  version: string,
): Refused<'unknown-version' | 'quarantined'> | undefined {
  const record = versionOf(state, version);
  if (record === undefined || !record.active) return unknownVersion(state, version);
  if (wish.releaseQuarantine) return undefined;
  if (!environment.quarantined.has(version)) {
    const bytes =
      environment.live?.version === version ? undefined : retiredBytes(state, environment, record);
    if (bytes === undefined) return undefined;
    return {
      kind: 'refused',
      reason: 'quarantined',
      message: `${state.model} ${version} has ${bytes}. Revert the change that brings them back, or merge one that makes another model. If they are good after all, set 'release-quarantine: true' for ${wish.environment}.`,
    };
  }
  const why = environment.history.filter((e) => e.version === version && e.kind === 'unassignment').at(-1);
  return {
    kind: 'refused',
    reason: 'quarantined',
    message: `${state.model} ${version} was taken out of ${wish.environment} and is quarantined there (${why?.trailers.get('Reason') ?? 'no reason given'}; tag ${why?.tag ?? 'unknown'}). Revert the change that made it, or merge one that makes another model. If it is good after all, roll back to it with 'to: ${version}' and 'force: true', or deploy it with 'release-quarantine: true'.`,
  };
}

function unknownVersion(state: ModelState, version: string): Refused<'unknown-version'> {
  const record = versionOf(state, version);
  if (record !== undefined) {
    return {
      kind: 'refused',
      reason: 'unknown-version',
      message: `${state.model} ${version} was deregistered. Choose a registered version: ${activeVersions(state)}.`,
    };
  }
  return {
    kind: 'refused',
    reason: 'unknown-version',
    message: `${state.model} has no version '${version}'. Registered: ${activeVersions(state)}.`,
  };
}

function activeVersions(state: ModelState): string {
  const active = state.versions.filter((v) => v.active).map((v) => v.version);
  if (active.length === 0) return 'none';
  return active.length <= 10 ? active.join(', ') : `…, ${active.slice(-10).join(', ')}`;
}

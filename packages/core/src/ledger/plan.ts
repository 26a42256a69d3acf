import { UserError } from '../action/errors.ts';
import { addTrailer, type TrailerKey } from './message.ts';
import type { ModelState } from './state.ts';

/** Where a new tag points. */
export type TagTarget =
  | { readonly kind: 'commit'; readonly commit: string }
  /** A new empty commit on top of this one, because a commit can carry one version only. */
  | { readonly kind: 'child-of'; readonly commit: string };

/** A tag to be written. */
export interface PlannedTag {
  readonly name: string;
  readonly target: TagTarget;
  /** Tagger time. */
  readonly time: Date;
  readonly message: string;
}

/** Why a wish cannot be granted. */
export type Refusal =
  'version-exists' | 'unknown-version' | 'held' | 'quarantined' | 'superseded' | 'nothing-to-roll-back-to';

export interface Refused<Reason extends Refusal = Refusal> {
  readonly kind: 'refused';
  readonly reason: Reason;
  readonly message: string;
}

/** What a wish means for the ledger: tags to write, nothing to do, or a refusal that says what to do instead. */
export type Plan<Reason extends Refusal = Refusal> =
  | {
      readonly kind: 'write';
      readonly version: string;
      /** The version that was live before, for wishes about an environment. */
      readonly previous?: string;
      readonly tags: readonly PlannedTag[];
    }
  | { readonly kind: 'nothing'; readonly version: string; readonly message: string }
  | Refused<Reason>;

/** One more trailer. */
export type Trailer = readonly [TrailerKey, string];

/** The plan with more trailers on each of its tags. */
export function withTrailers<Reason extends Refusal>(
  plan: Plan<Reason>,
  trailers: readonly Trailer[],
): Plan<Reason> {
  if (plan.kind !== 'write') return plan;
  const added = (message: string): string =>
    trailers.reduce((text, [key, value]) => addTrailer(text, key, value), message);
  return { ...plan, tags: plan.tags.map((tag) => ({ ...tag, message: added(tag.message) })) };
}

/** A refusal as the error that ends the step. */
export function refusal<Reason extends Refusal>({ reason, message }: Refused<Reason>): UserError<Reason> {
  return new UserError(reason, message, { decision: 'fail' });
}

/** Who acts and from where; every text may be untrusted. */
export interface Origin {
  readonly actor?: string | undefined;
  /** URL of the workflow run. */
  readonly run?: string | undefined;
}

/** Tags keep whole seconds, and readers order by them: every event gets a second of its own. */
export function nextTime(state: ModelState, now: Date, step = 1): Date {
  const second = Math.floor(now.getTime() / 1000);
  const newest = state.newest === undefined ? -Infinity : Math.floor(state.newest.getTime() / 1000);
  return new Date((Math.max(second, newest + 1) + step - 1) * 1000);
}

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

/** What a wish means for the ledger: tags to write, nothing to do, or a refusal that says what to do instead. */
export type Plan =
  | {
      readonly kind: 'write';
      readonly version: string;
      /** The version that was live before, for wishes about an environment. */
      readonly previous?: string;
      readonly tags: readonly PlannedTag[];
    }
  | { readonly kind: 'nothing'; readonly version: string; readonly message: string }
  | { readonly kind: 'refused'; readonly reason: Refusal; readonly message: string };

/** Who acts and from where; every text may be untrusted. */
export interface Origin {
  readonly actor?: string | undefined;
  /** URL of the workflow run. */
  readonly run?: string | undefined;
}

/** Tags keep whole seconds, and readers order by them: every event gets a second of its own. */
export function nextTime(state: ModelState, now: Date, step: 1 | 2 = 1): Date {
  const second = Math.floor(now.getTime() / 1000);
  const newest = state.newest === undefined ? -Infinity : Math.floor(state.newest.getTime() / 1000);
  return new Date((Math.max(second, newest + 1) + step - 1) * 1000);
}

import type { ActionContext } from '../../action/context.ts';
import type { PullRequest } from '../../forge/event.ts';
import { isIdentified, type VersionRecord, type ModelState } from '../../ledger/state.ts';
import type { FoundFile, FoundVersion } from '../found.ts';
import type { LedgerReader } from '../ledger-reader.ts';

/** What sources may look at. */
export interface SourceSearch {
  readonly context: ActionContext;
  readonly readLedger: LedgerReader;
  /** The change that is judged. */
  readonly pull: PullRequest | undefined;
  /** The environment whose live version is the champion. */
  readonly championEnvironment: string;
  /** How long the merge base's own version is waited for; undefined: not at all. */
  readonly waitMs: number | undefined;
}

/** What a source has, or why it has nothing. */
export type SourceAnswer = FoundVersion | FoundFile | string;

/** One kind of source: `name`, or `name:argument` where it takes one. */
export interface SourceKind {
  /** How messages call the argument; absent where the name stands alone. */
  readonly argument?: string;
  /** Throws UserError for an argument that can never be meant. */
  readonly check?: (argument: string) => void;
  /** `argument` is '' where the kind takes none. */
  readonly find: (argument: string, search: SourceSearch) => Promise<SourceAnswer>;
}

/** Asks the ledger; without one, says why there is none. */
export async function inLedger(
  { readLedger }: SourceSearch,
  look: (state: ModelState) => VersionRecord | string,
): Promise<SourceAnswer> {
  const state = await readLedger();
  const record = typeof state === 'string' ? state : look(state);
  return typeof record === 'string' ? record : { kind: 'version', record };
}

/** The versions that may be a baseline, oldest first. What another tool registered names no bytes to compare with. */
export function activeVersions({ versions }: ModelState): readonly VersionRecord[] {
  return versions.filter((version) => version.active && isIdentified(version));
}

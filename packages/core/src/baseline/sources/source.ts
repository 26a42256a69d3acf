import type { ActionContext } from '../../action/context.ts';
import type { PullRequest } from '../../forge/event.ts';
import { isIdentified, type VersionRecord, type ModelState } from '../../ledger/state.ts';
import type { CommittedFile, FoundFile, FoundVersion } from '../found.ts';
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
  /** Whether versions are registered anywhere in this repository, as far as it can be told. */
  readonly mayRegister: () => Promise<boolean>;
  /** Absolute folder that paths are relative to. */
  readonly base: string;
  /** Absolute folder for copies. */
  readonly scratch: string;
  /** Patterns of the test set's files, and the absolute folder that they are relative to; undefined where they are not named. */
  readonly testData: { readonly patterns: readonly string[]; readonly base: string } | undefined;
}

/** Why a source has nothing. */
export interface Nothing {
  readonly kind: 'nothing';
  /** A clause. */
  readonly why: string;
  /** Set where this is how a team works, and no news to a reader. */
  readonly isUsual?: boolean;
  /** Why it will never have anything, in sentences; absent where it still may. */
  readonly never?: string;
}

/** What a source has, or why it has nothing. */
export type SourceAnswer = FoundVersion | FoundFile | CommittedFile | Nothing;

/** One kind of source: `name`, or `name:argument` where it takes one. */
export interface SourceKind {
  /** How messages call the argument; absent where the name stands alone. */
  readonly argument?: string;
  /** Throws UserError for an argument that can never be meant. */
  readonly check?: (argument: string) => void;
  /** `argument` is '' where the kind takes none. */
  readonly find: (argument: string, search: SourceSearch) => Promise<SourceAnswer>;
}

/** What is looked for in a ledger: a version, or why there is none. */
export type InLedger = Omit<FoundVersion, 'kind'> | Pick<Nothing, 'why' | 'isUsual'>;

/** Asks the ledger; without one, says why there is none. */
export async function inLedger(
  search: SourceSearch,
  look: (state: ModelState) => InLedger | Promise<InLedger>,
): Promise<SourceAnswer> {
  const state = await search.readLedger();
  if (typeof state === 'string') return { kind: 'nothing', why: state, never: state };
  const found = await look(state);
  if ('record' in found) return { kind: 'version', ...found };
  return { kind: 'nothing', ...found, ...(await never(state, search)) };
}

/** A model that nobody registers has no version tomorrow either. */
async function never(
  { model, versions }: ModelState,
  { mayRegister }: SourceSearch,
): Promise<Pick<Nothing, 'never'>> {
  if (versions.some(isIdentified) || (await mayRegister())) return {};
  return {
    never: `Nothing registers a version of ${model}: sluice.yaml has no registry, and no workflow of this repository uses register-model. Register the model on the main branch after its gate, or compare with a file that git has (gate.baseline: base:metrics.json).`,
  };
}

/** The versions that may be a baseline, oldest first. What another tool registered names no bytes to compare with. */
export function activeVersions({ versions }: ModelState): readonly VersionRecord[] {
  return versions.filter((version) => version.active && isIdentified(version));
}

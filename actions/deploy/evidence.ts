import { readFile } from 'node:fs/promises';
import { UserError, errorMessage } from '@sluice/core/action/errors.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { checkEvidence, parsePassport, type PassportProblem } from '@sluice/core/evidence/passport.ts';
import type { Statement } from '@sluice/core/evidence/statement.ts';
import type { VersionRecord } from '@sluice/core/ledger/state.ts';
import type { Store } from '@sluice/core/store/store.ts';

const PASSPORT = 'passport.jsonl';

/** The passport that vouches for a version. */
export interface Vouched {
  readonly file: string;
  readonly statements: readonly Statement[];
}

/**
 * Proves that the bytes of a version are in the store and that its passport, the one the tag names, vouches for
 * exactly them. Returns the passport. Throws UserError `missing-file` without the bytes, and
 * `evidence-missing`, `evidence-mismatch` or `evidence-failed`.
 */
export async function requireEvidence(
  store: Store,
  model: string,
  record: VersionRecord & { readonly modelDigest: string },
): Promise<Vouched> {
  await requireBytes(store, model, record);
  const file = await store.companion(model, record.modelDigest, PASSPORT);
  if (record.passportDigest === undefined || file === undefined) {
    const what =
      file === undefined ? `the store has no ${PASSPORT} of it` : `tag ${record.tag} names no passport`;
    throw refused(
      'evidence-missing',
      `${record.version} has no passport: ${what}. Register the model with register-model after evaluate-gate.`,
    );
  }
  const text = await readFile(file, 'utf8');
  const found = sha256(text);
  if (found !== record.passportDigest) {
    throw refused(
      'evidence-mismatch',
      `The passport of ${record.version} was changed: ${file} is sha256:${found}, but tag ${record.tag} says sha256:${record.passportDigest}. Restore it, or register the model again.`,
    );
  }
  const statements = parsed(text, record.version);
  const problem = checkEvidence(statements, { name: model, digest: record.modelDigest });
  if (problem !== undefined) {
    throw refused(
      REASONS[problem.kind],
      `The passport of ${record.version} does not vouch for it. ${problem.message}`,
    );
  }
  return { file, statements };
}

/** Throws `missing-file` unless the store has the bytes; a changed copy throws `evidence-mismatch`. */
export async function requireBytes(
  store: Store,
  model: string,
  record: VersionRecord & { readonly modelDigest: string },
): Promise<void> {
  if (await store.has(model, record.modelDigest)) return;
  throw new UserError(
    'missing-file',
    `The bytes of ${record.version} (sha256:${record.modelDigest}) are not in ${store.uri}. Was the store moved or cleaned? Restore it, or register the model again.`,
  );
}

const REASONS: Readonly<Record<PassportProblem['kind'], string>> = {
  missing: 'evidence-missing',
  mismatch: 'evidence-mismatch',
  failed: 'evidence-failed',
};

function parsed(text: string, version: string): readonly Statement[] {
  try {
    return parsePassport(text);
  } catch (error) {
    throw refused(
      'evidence-mismatch',
      `The passport of ${version} cannot be read: ${errorMessage(error)}. Register the model again.`,
    );
  }
}

function refused(reason: string, message: string): UserError {
  return new UserError(reason, message, { decision: 'fail' });
}

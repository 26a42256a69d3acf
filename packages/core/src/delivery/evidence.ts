import { readFile } from 'node:fs/promises';
import { acceptedFailures } from '../evidence/accepted.ts';
import { PASSPORT } from '../evidence/passport.ts';
import { checkPolicy, type EvidencePolicy } from '../evidence/policy.ts';
import { evidenceRefusal } from '../evidence/refusal.ts';
import type { Statement } from '../evidence/statement.ts';
import { verifyPassport } from '../evidence/verify.ts';
import type { IdentifiedVersion } from '../ledger/state.ts';
import type { ReadableStore } from '../store/store.ts';
import { requireBytes } from '../registry/stores.ts';

/** The passport that vouches for a version. */
export interface Vouched {
  readonly file: string;
  readonly statements: readonly Statement[];
  /** Who accepted that its gate failed, and who signed it, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Proves that the bytes of a version are in the store and that its passport, the one the tag names, vouches for
 * exactly them. Returns the passport. Throws UserError `missing-file` without the bytes, and
 * `evidence-missing`, `evidence-mismatch` or `evidence-failed`.
 */
export async function requireEvidence(
  store: ReadableStore,
  model: string,
  record: IdentifiedVersion,
  policy: EvidencePolicy,
): Promise<Vouched> {
  await requireBytes(store, model, record);
  const file = await store.companion(model, record.modelDigest, {
    name: PASSPORT,
    sha256: record.passportDigest,
  });
  const bytes = file === undefined ? undefined : await readFile(file);
  const place = file ?? `${store.uri}/${model}/sha256/${record.modelDigest}/${PASSPORT}`;
  const identity = { name: model, digest: record.modelDigest };
  const verified = verifyPassport(record, bytes, place, identity);
  if (verified.kind === 'problem') throw evidenceRefusal(verified.problem);
  const { statements } = verified;
  const problem = checkPolicy(statements, identity, policy, new Date());
  if (problem !== undefined)
    throw evidenceRefusal(
      problem,
      `The passport of ${record.version} (${place}) is not enough. ${problem.message}`,
    );
  return { file: place, statements, notes: acceptedFailures(statements, identity) };
}

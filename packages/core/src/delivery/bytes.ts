import { UserError } from '../action/errors.ts';
import type { VersionRecord } from '../ledger/state.ts';
import type { Store } from '../store/store.ts';

/** Throws `missing-file` unless the store has the bytes; a changed copy throws `evidence-mismatch`. */
export async function requireBytes(
  store: Pick<Store, 'uri' | 'has'>,
  model: string,
  record: VersionRecord & { readonly modelDigest: string },
): Promise<void> {
  if (await store.has(model, record.modelDigest)) return;
  throw new UserError(
    'missing-file',
    `The bytes of ${record.version} (sha256:${record.modelDigest}) are not in ${store.uri}. Was the store moved or cleaned? Restore it, or register the model again.`,
  );
}

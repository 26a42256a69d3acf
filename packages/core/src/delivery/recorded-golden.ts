import { UserError } from '../action/errors.ts';
import { sha256File } from '../digest/files.ts';
import { isIdentified, type VersionRecord } from '../ledger/state.ts';
import { RECORDED_GOLDEN, readGolden, type GoldenCase } from '../serving/golden.ts';
import type { ReadableStore } from '../store/store.ts';

/**
 * The golden requests that a version was registered with, answered by the model itself; none where its tag names none. Throws
 * `missing-file` when the store does not have them, and `evidence-mismatch` for others than the tag names.
 */
export async function recordedGolden(
  store: Pick<ReadableStore, 'companion' | 'uri'>,
  model: string,
  record: VersionRecord,
): Promise<GoldenCase[]> {
  const { goldenDigest: sha256, tag, version } = record;
  if (sha256 === undefined || !isIdentified(record)) return [];
  const file = await store.companion(model, record.modelDigest, { name: RECORDED_GOLDEN, sha256 });
  const remedy = 'Restore the store, or register the model again, which brings it back.';
  if (file === undefined) {
    throw new UserError(
      'missing-file',
      `Tag ${tag} names ${RECORDED_GOLDEN} (sha256:${sha256}), the model's own answers to golden requests, which is not in ${store.uri}. ${remedy}`,
      { decision: 'fail' },
    );
  }
  const shown = `${RECORDED_GOLDEN} of ${version}`;
  const found = await sha256File(file);
  if (found !== sha256) {
    throw new UserError(
      'evidence-mismatch',
      `The stored ${shown} has the digest sha256:${found}; tag ${tag} says sha256:${sha256}. ${remedy}`,
      { decision: 'fail' },
    );
  }
  return readGolden(file, shown);
}

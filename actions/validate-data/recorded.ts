import { checkData, requireEqual } from '@sluice/core/dvc/check-data.ts';
import type { TrackedCheck } from '@sluice/core/dvc/check.ts';
import type { Context } from './context.ts';
import { writeNewRecords } from './new-records.ts';

/** A comparison of data with a digest that the repository records, which held. */
export interface DataCheck {
  readonly id: string;
  readonly kind: 'dvc';
  readonly verdict: 'pass';
  readonly files: number;
  readonly pulled: number;
  readonly message: string;
}

const LONGEST_PULL_MS = 6 * 3600 * 1000;

/**
 * Pulls data that DVC tracks and that is not there, and compares it with its record. Throws UserError `digest-mismatch`
 * (fail) where it differs.
 */
export async function checkRecorded(
  { env, signal, log, workspace, directory }: Context,
  { patterns, base }: { readonly patterns: readonly string[]; readonly base: string },
): Promise<DataCheck[]> {
  const context = { env, signal, log, timeoutMs: LONGEST_PULL_MS };
  const checks = await checkData({ patterns, base, workspace }, context);
  requireEqual(checks, await writeNewRecords(directory, checks));
  return checks.map((check) => {
    const found = toCheck(check);
    log.info(found.message);
    return found;
  });
}

function toCheck({ tracked, files, pulled }: TrackedCheck): DataCheck {
  const { recorded, entry } = tracked;
  const number = `${files} ${files === 1 ? 'file is' : 'files are'}`;
  const brought = pulled === 0 ? '' : `, ${pulled} pulled`;
  return {
    id: `${recorded.name}:${entry.path}`,
    kind: 'dvc',
    verdict: 'pass',
    files,
    pulled,
    message: `DVC: ${number} as ${recorded.name} recorded of ${entry.path}${brought}.`,
  };
}

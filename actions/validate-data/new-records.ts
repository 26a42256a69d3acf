import * as path from 'node:path';
import { LIMITS, readBoundedText } from '@sluice/core/action/limits.ts';
import { writeBelow } from '@sluice/core/action/below.ts';
import type { TrackedCheck } from '@sluice/core/dvc/check.ts';
import { recordOf, renewRecord } from '@sluice/core/dvc/record.ts';

/**
 * Writes the `.dvc` and lock files that would record the data as it is now to `.sluice/dvc` of the working directory, for
 * a review of what changed. Returns their paths relative to it.
 */
export async function writeNewRecords(directory: string, checks: readonly TrackedCheck[]): Promise<string[]> {
  const texts = new Map<string, string>();
  for (const { root, tracked, differences } of checks) {
    if (differences.length === 0) continue;
    const { file, name } = tracked.recorded;
    const record = await recordOf(root, tracked);
    const text =
      record &&
      renewRecord(
        texts.get(name) ??
          (await readBoundedText(file, { name, reason: 'bad-config', limit: LIMITS.records })),
        tracked,
        record,
      );
    if (text !== undefined) texts.set(name, text);
  }
  const written: string[] = [];
  for (const [name, text] of texts) {
    const relative = path.posix.join('.sluice/dvc', name);
    await writeBelow(directory, path.join(directory, relative), text);
    written.push(relative);
  }
  return written;
}

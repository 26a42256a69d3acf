import { UserError } from '../action/errors.ts';
import { LIMITS } from '../action/limits.ts';

/** Throws `unreadable-data` for more columns than can be checked one by one. */
export function refuseTooWide(file: string, columns: number): void {
  if (columns <= LIMITS.columns) return;
  throw new UserError(
    'unreadable-data',
    `${file} has ${columns} columns or more; a data set may have ${LIMITS.columns}. Put what belongs together into one column, or into a row of its own.`,
  );
}

/** Throws `unreadable-data` for a packed text that has unfolded to more than its size allows. */
export function refuseUnfolded(file: string, packed: number, bytes: number): void {
  const { unfolded } = LIMITS;
  const most = Math.max(unfolded.bytes, unfolded.times * packed);
  if (bytes <= most) return;
  throw new UserError(
    'unreadable-data',
    `${file} has ${packed} bytes and unfolds to more than ${most}; a packed file may unfold to ${unfolded.bytes} bytes (256 MiB), or to ${unfolded.times} times its size where that is more. Check how it was written, or commit it unpacked.`,
  );
}

/** Throws `unreadable-data` for a Parquet file that says of itself that it holds more than its size allows. */
export function refuseTooMany(file: string, packed: number, values: number): void {
  const { most, perByte } = LIMITS.values;
  const allowed = Math.max(most, perByte * packed);
  if (values <= allowed) return;
  throw new UserError(
    'unreadable-data',
    `${file} has ${packed} bytes and says that it holds ${values} values; a file may hold ${most}, or ${perByte} for each of its bytes where that is more. Check how it was written.`,
  );
}

import { open } from 'node:fs/promises';
import { UserError } from '../action/errors.ts';

/** A file to put, as it was when its digest was computed. */
export interface FileSource {
  readonly file: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Hears how many more bytes are in the store. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Bytes of a part, and the size from which files go in parts; S3 takes at most 10,000 of them. */
export const PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;

/** A part of a file: its number from 1, its first byte, its length. */
export interface Part {
  readonly number: number;
  readonly start: number;
  readonly bytes: number;
}

/** The parts of a file of this size. The same size always gives the same parts, so that an upload can be taken up. */
export function partsOf(bytes: number): Part[] {
  const size = Math.max(PART_BYTES, Math.ceil(bytes / MOST_PARTS / PART_BYTES) * PART_BYTES);
  return Array.from({ length: Math.max(1, Math.ceil(bytes / size)) }, (_, index) => ({
    number: index + 1,
    start: index * size,
    bytes: Math.min(size, bytes - index * size),
  }));
}

/** Reads up to `bytes` bytes of a file from `start` on; fewer when it ends before. */
export async function readPart(file: string, start: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  const handle = await open(file, 'r');
  try {
    let read = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, read, bytes - read, start + read);
      read += bytesRead;
      if (bytesRead === 0 || read === bytes) return buffer.subarray(0, read);
    }
  } finally {
    await handle.close();
  }
}

/** The file is no longer the one whose digest was computed. */
export function changed({ file, sha256 }: FileSource): UserError {
  return new UserError(
    'evidence-mismatch',
    `The file ${file} changed while it was stored: its sha256 is no longer ${sha256}. Find the step that still writes it, and run the job again.`,
    { decision: 'fail' },
  );
}

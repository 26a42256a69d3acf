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

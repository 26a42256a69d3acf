import { open, type FileHandle } from 'node:fs/promises';
import { errorMessage } from '../action/errors.ts';
import { retry } from '../action/retry.ts';
import { TooLongError } from './http.ts';
import type { Progress } from './progress.ts';

/** Bytes of a file that come over a connection. */
export interface Part {
  readonly body: AsyncIterable<Buffer>;
  /** Offset of the first of them. */
  readonly from: number;
}

/** A file that is downloaded. */
export interface Download {
  /** Path of the file to write; what is there is replaced. */
  readonly to: string;
  /** Size that it must have in the end; undefined where nobody knows. */
  readonly bytes?: number | undefined;
  /** Longest time for all tries, in ms. */
  readonly withinMs: number;
  /** Asks for the bytes from `offset` on, within what is left of the time. A server that cannot do that sends all from the beginning. */
  readonly request: (offset: number, withinMs: number) => Promise<Part>;
  /** How long to wait before the next try after an error, in ms; undefined where trying again is of no use. */
  readonly waitAfter: (error: unknown) => number | undefined;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The connection broke, or the server `ended` the answer, before all bytes were there. */
export class CutOffError extends Error {
  readonly ended: boolean;
  constructor(had: number, message: string, options: ErrorOptions & { readonly ended: boolean }) {
    super(`the connection broke after ${had} bytes: ${message}`, options);
    this.name = 'CutOffError';
    this.ended = options.ended;
  }
}

/** Tries that bring nothing before it is given up. */
const TRIES = 4;
/** What a try has to bring to count as one that went forward, in bytes. */
const FORWARD = 1 << 20;

/**
 * Downloads a file, going on where a connection broke. Ends with the last error after four tries in a row that brought
 * next to nothing, with the signal's reason, and with an error that trying again does not help.
 */
export async function download(wanted: Download): Promise<void> {
  const { to, waitAfter, signal } = wanted;
  const end = performance.now() + wanted.withinMs;
  const file = await open(to, 'w');
  const state = { done: 0 };
  let before = 0;
  let failed = 0;
  const waits = (error: unknown): number | undefined => {
    failed = state.done - before >= FORWARD ? 1 : failed + 1;
    before = state.done;
    return failed >= TRIES || performance.now() >= end ? undefined : waitAfter(error);
  };
  try {
    await retry(() => attempt(file, wanted, state, end), { waits, signal });
  } finally {
    await file.close();
  }
}

async function attempt(
  file: FileHandle,
  { request, bytes, progress }: Download,
  state: { done: number },
  end: number,
): Promise<void> {
  // It may have broken after the last byte.
  if (state.done > 0 && state.done === bytes) return;
  const { body, from } = await request(state.done, Math.max(1, Math.ceil(end - performance.now())));
  progress?.add(from - state.done);
  state.done = from;
  await file.truncate(from);
  for await (const chunk of received(body, state)) {
    await writeAt(file, chunk, state.done);
    state.done += chunk.byteLength;
    progress?.add(chunk.byteLength);
  }
  if (bytes !== undefined && state.done < bytes) {
    throw new CutOffError(state.done, `it has ${bytes}`, { ended: true });
  }
}

async function writeAt(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.byteLength;)
    at += (await file.write(chunk, at, chunk.byteLength - at, position + at)).bytesWritten;
}

/** The chunks of a stream; an error of the stream, and of nobody who uses them, becomes a CutOffError. */
async function* received(body: Part['body'], state: { readonly done: number }): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    // Asking again would bring the same.
    if (error instanceof TooLongError) throw error;
    throw new CutOffError(state.done, errorMessage(error), { cause: error, ended: false });
  }
}

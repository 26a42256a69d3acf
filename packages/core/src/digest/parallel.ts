import { stat } from 'node:fs/promises';
import * as os from 'node:os';
import { Worker } from 'node:worker_threads';
import { hashFile, type Algorithm, type Answer, type HashedFile } from './hash-worker.mjs';

export type { Algorithm, HashedFile };

/** Fewer files and bytes than these are digested before a thread has started. */
const FEW_FILES = 200;
const FEW_BYTES = 16 << 20;
/** The most files a thread is given at once; near the end it is given fewer, so that all end together. */
const LARGEST_BATCH = 256;

/** The thread's program: beside this file among the sources, one folder up in what is built. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './hash-worker.mjs' : '../hash-worker.js',
  import.meta.url,
);

/**
 * Digests files on all cores, in the order given; links are followed. Throws Node's system error of the first file that
 * cannot be read.
 */
export async function hashFiles(files: readonly string[], algorithm: Algorithm): Promise<HashedFile[]> {
  if (await isLittle(files)) return files.map((file) => hashFile(algorithm, file));
  const results = new Array<HashedFile>(files.length);
  const threads = Math.max(1, Math.min(os.availableParallelism(), files.length));
  let next = 0;
  const take = (): { from: number; batch: readonly string[] } => {
    const size = Math.min(LARGEST_BATCH, Math.ceil((files.length - next) / (threads * 4)));
    const from = next;
    next += size;
    return { from, batch: files.slice(from, from + size) };
  };
  const workers = Array.from({ length: threads }, () => new HashWorker(algorithm));
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let { from, batch } = take(); batch.length > 0; { from, batch } = take()) {
          const answers = await worker.hash(batch);
          answers.forEach((answer, index) => (results[from + index] = unwrap(answer)));
        }
      }),
    );
    return results;
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}

async function isLittle(files: readonly string[]): Promise<boolean> {
  if (files.length > FEW_FILES) return false;
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0) <= FEW_BYTES;
}

function unwrap(answer: Answer): HashedFile {
  if (!('failure' in answer)) return answer;
  const { message, code, path } = answer.failure;
  throw Object.assign(new Error(message), { ...(code === undefined ? {} : { code }), path });
}

/** A thread that answers one batch after the other. */
class HashWorker {
  readonly #worker = new Worker(PROGRAM, { workerData: { program: 'hash-files' } });
  readonly #algorithm: Algorithm;
  #pending: Pending | undefined;

  constructor(algorithm: Algorithm) {
    this.#algorithm = algorithm;
    this.#worker.on('message', (answers: readonly Answer[]) => this.#pending?.resolve(answers));
    this.#worker.on('error', (error) => this.#pending?.reject(error));
    this.#worker.on('exit', (code) =>
      this.#pending?.reject(new Error(`A thread that digests files ended with code ${code}.`)),
    );
  }

  hash(files: readonly string[]): Promise<readonly Answer[]> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.postMessage({ algorithm: this.#algorithm, files });
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

interface Pending {
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import * as path from 'node:path';
import { findRepository } from './find-repository.ts';
import { runGit } from './git.ts';

const [CR, LF] = [0x0d, 0x0a];
/** A line longer than this is no line of a text that git would convert. */
const FIRST_BYTES = 64 * 1024;
/** Names for one call of git. */
const MOST_NAMES = 200;

/**
 * Of files whose lines end in CR LF because git wrote them so into this checkout: the sha256 (hex) of what the index has, by
 * absolute path. That it is the same content is proven by git's own id of it, so no filter has to run. Files that are what the
 * index has, and those that git does not track, are absent.
 */
export async function digestsWithoutCr(
  files: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const suspects: string[] = [];
  for (const file of files) if (await beginsWithCrLf(file)) suspects.push(file);
  if (suspects.length === 0) return found;
  const repository = await findRepository(directory);
  if (repository === undefined) return found;
  const names = new Map<string, string>();
  for (const file of suspects) {
    names.set(
      path
        .relative(repository.workTree, await realpath(file))
        .split(path.sep)
        .join('/'),
      file,
    );
  }
  const inside = [...names.keys()].filter((name) => name !== '' && !name.startsWith('../'));
  for (let start = 0; start < inside.length; start += MOST_NAMES) {
    const asked = inside.slice(start, start + MOST_NAMES);
    const { code, stdout } = await runGit(['--literal-pathspecs', 'ls-files', '-s', '-z', '--', ...asked], {
      repository,
      signal,
    });
    if (code !== 0) return found;
    for (const entry of stdout.split('\0')) {
      const [, id, name] = /^100(?:644|755) ([0-9a-f]+) 0\t(.*)$/s.exec(entry) ?? [];
      const file = name === undefined ? undefined : names.get(name);
      if (file === undefined || id === undefined) continue;
      const content = await withoutCr(file, id.length === 40 ? 'sha1' : 'sha256');
      if (content.id === id) found.set(file, content.sha256);
    }
  }
  return found;
}

async function beginsWithCrLf(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FIRST_BYTES), 0, FIRST_BYTES, 0);
    const end = buffer.subarray(0, bytesRead).indexOf(LF);
    return end > 0 && buffer[end - 1] === CR;
  } finally {
    await handle.close();
  }
}

/** Git's id of a file as it would be with LF alone, and the sha256 of that content. */
async function withoutCr(
  file: string,
  algorithm: 'sha1' | 'sha256',
): Promise<{ readonly id: string; readonly sha256: string }> {
  let length = 0;
  for await (const chunk of linesOf(file)) length += chunk.length;
  const id = createHash(algorithm).update(`blob ${length}\0`);
  const sha256 = createHash('sha256');
  for await (const chunk of linesOf(file)) {
    id.update(chunk);
    sha256.update(chunk);
  }
  return { id: id.digest('hex'), sha256: sha256.digest('hex') };
}

/** The bytes of a file without the CR before each LF. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let kept: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    // Whether this one goes is known with the next chunk.
    const end = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
    kept = bytes.subarray(end);
    yield withLf(bytes.subarray(0, end));
  }
  yield kept;
}

function withLf(bytes: Buffer): Buffer {
  const written = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let from = 0; from < bytes.length;) {
    const pair = bytes.indexOf('\r\n', from, 'latin1');
    const end = pair < 0 ? bytes.length : pair;
    length += bytes.copy(written, length, from, end);
    from = pair < 0 ? end : pair + 1;
  }
  return written.subarray(0, length);
}

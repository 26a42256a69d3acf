import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { deflateSync } from 'node:zlib';

/** Writes an object into a folder of git as git would, except that its name is not its hash. */
export async function forgeObject(objects: string, name: string, type: string, body: string): Promise<void> {
  const file = path.join(objects, name.slice(0, 2), name.slice(2));
  await mkdir(path.dirname(file), { recursive: true });
  await rm(file, { force: true });
  await writeFile(file, deflateSync(`${type} ${Buffer.byteLength(body)}\0${body}`));
}

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { sha256 } from '@sluice/core/digest/files.ts';

/** Path of the file with this name that lies beside a model in a store in a folder; `entry` is the folder of the model's digest. */
export async function besideModel(entry: string, name: string): Promise<string> {
  const folder = path.join(entry, 'companions');
  const found = (await readdir(folder, { recursive: true })).filter((file) => path.basename(file) === name);
  if (found.length === 1) return path.join(folder, found[0] ?? '');
  throw new Error(`${folder} has ${found.length} files with the name ${name}`);
}

/** Puts another text in place of a file beside a model, at the place of its digest. */
export async function replaceBeside(entry: string, name: string, text: string): Promise<void> {
  await rm(await besideModel(entry, name));
  const file = path.join(entry, 'companions', sha256(text), name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

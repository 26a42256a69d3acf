import { hash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { errorCode } from '../action/errors.ts';
import { objectHeader } from './printed-objects.ts';

/**
 * Writes an object into the folder `objects` of a repository as git does, and returns its id. Whatever takes it from there, as a
 * push does, hashes it again.
 */
export async function writeObject(
  objects: string,
  format: string,
  type: string,
  content: Buffer,
): Promise<string> {
  const whole = Buffer.concat([Buffer.from(objectHeader(type, content.length)), content]);
  const id = hash(format, whole, 'hex');
  const folder = path.join(objects, id.slice(0, 2));
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(path.join(folder, id.slice(2)), await promisify(deflate)(whole), { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  return id;
}

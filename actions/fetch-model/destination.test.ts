import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256 } from '@sluice/core/digest/files.ts';
import { modelDigestOf } from '@sluice/core/digest/model.ts';
import { alreadyPlaced, place, type Destination } from './destination.ts';

let workspace: string;
let to: Destination;
beforeEach(async () => {
  workspace = await mkdtemp(path.join(os.tmpdir(), 'sluice-destination-'));
  to = { workspace, folder: path.join(workspace, 'model'), path: 'model' };
});
afterEach(() => rm(workspace, { recursive: true }));

const WEIGHTS = { path: 'weights.bin', bytes: 3, sha256: sha256('one') };
const AS_FILE = modelDigestOf('file', [WEIGHTS]);
const AS_FOLDER = modelDigestOf('folder', [WEIGHTS]);

/** What a store does: writes `<scratch>/model/…` and says where the model is. */
async function fetchFile(scratch: string): Promise<{ modelPath: string }> {
  await mkdir(path.join(scratch, 'model'));
  await writeFile(path.join(scratch, 'model', 'weights.bin'), 'one');
  return { modelPath: path.join(scratch, 'model', 'weights.bin') };
}

test('a model of one file lies in the folder under its own name, and is known again', async () => {
  expect(await alreadyPlaced(to, AS_FILE)).toBeUndefined();
  const modelPath = path.join(to.folder, 'weights.bin');
  expect(await place(to, AS_FILE, fetchFile)).toEqual({ modelPath, bytes: 3, files: 1 });
  expect(await readFile(modelPath, 'utf8')).toBe('one');
  expect(await alreadyPlaced(to, AS_FILE)).toEqual({ modelPath, bytes: 3, files: 1 });
  expect(await alreadyPlaced(to, AS_FOLDER)).toMatchObject({ modelPath: to.folder });
  expect(await readdir(workspace)).toEqual(['model']);
});

test('a file in the way, and one more file than the model has, are something else', async () => {
  await place(to, AS_FILE, fetchFile);
  await writeFile(path.join(to.folder, 'more'), '');
  await expect(alreadyPlaced(to, AS_FILE)).rejects.toMatchObject({ reasonCode: 'path-taken' });
  const file = path.join(to.folder, 'more');
  await expect(alreadyPlaced({ ...to, folder: file }, AS_FILE)).rejects.toThrow(/a file lies there already/);
});

test('what somebody wrote meanwhile stays, and so does nothing of ours', async () => {
  const meanwhile = async (scratch: string): Promise<{ modelPath: string }> => {
    await mkdir(to.folder);
    await writeFile(path.join(to.folder, 'theirs'), 'theirs');
    return fetchFile(scratch);
  };
  await expect(place(to, AS_FILE, meanwhile)).rejects.toMatchObject({ reasonCode: 'path-taken' });
  expect(await readdir(to.folder)).toEqual(['theirs']);
  expect(await readdir(workspace)).toEqual(['model']);
});

test('bytes that are not those of the tag, and a transfer that breaks off, leave nothing', async () => {
  await expect(place(to, 'a'.repeat(64), fetchFile)).rejects.toMatchObject({
    reasonCode: 'evidence-mismatch',
  });
  const broken = async (scratch: string): Promise<never> => {
    await fetchFile(scratch);
    throw new Error('cut off');
  };
  await expect(place(to, AS_FILE, broken)).rejects.toThrow('cut off');
  expect(await readdir(workspace)).toEqual([]);
});

import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';

/** Rewrites one line of params.yaml, and insists that it was there. */
async function setParam(repository: string, key: string, value: string): Promise<void> {
  const file = path.join(repository, 'params.yaml');
  const text = await readFile(file, 'utf8');
  const changed = text.replace(new RegExp(`^${key}: .*$`, 'm'), `${key}: ${value}`);
  if (changed === text) throw new Error(`params.yaml has no other value of '${key}' to change.`);
  await writeFile(file, changed);
}

/** The kind of change that looks harmless in a review: fewer features, a smaller model. */
export async function makeWorse(repository: string): Promise<void> {
  await setParam(repository, 'feature-groups', '[schedule]');
  await setParam(repository, 'max-iter', '10');
}

export async function makeBetter(repository: string): Promise<void> {
  await setParam(repository, 'feature-groups', '[schedule, route, aircraft, weather]');
}

/** What was done to the data, by 1-based row (the header is not counted). */
export interface BrokenRows {
  readonly file: string;
  readonly newCarrier: number;
  readonly duplicate: number;
  readonly shifted: number;
  readonly ragged: number;
}

/** What a broken export does to a delivery: a carrier nobody knows, a row twice, a shifted column, a line cut short. */
export async function breakData(repository: string): Promise<BrokenRows> {
  const file = path.join('data', 'test', '2013-11.csv');
  const lines = (await readFile(path.join(repository, file), 'utf8')).trimEnd().split('\n');
  const [header = '', ...rows] = lines;
  const columns = header.split(',');
  const cells = (row: number): string[] => (rows[row - 1] ?? '').split(',');
  const put = (row: number, changed: readonly string[]): void => {
    rows[row - 1] = changed.join(',');
  };
  put(100, cells(100).with(columns.indexOf('carrier'), 'ZZ'));
  put(201, cells(200));
  put(300, ['', ...cells(300).slice(0, -1)]);
  put(400, cells(400).slice(0, 5));
  await writeFile(path.join(repository, file), `${[header, ...rows].join('\n')}\n`);
  return { file, newCarrier: 100, duplicate: 201, shifted: 300, ragged: 400 };
}

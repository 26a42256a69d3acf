import { stat } from 'node:fs/promises';
import { isMap, isNode, isScalar, isSeq, type YAMLMap } from 'yaml';
import * as z from 'zod/mini';
import { hashFiles } from '../digest/parallel.ts';
import { digestFolder } from './listing.ts';
import type { Tracked } from './tracked.ts';
import { readYaml } from './read-yaml.ts';

/** What DVC records of a file or folder. */
export interface NewRecord {
  readonly md5: string;
  readonly size: number;
  /** Number of files; only for a folder. */
  readonly nfiles?: number;
  readonly isexec?: true;
}

const EXECUTABLE = 0o111;

/** Digests a tracked file or folder as it is now; undefined when it is not there. `root` is the project's. */
export async function recordOf(root: string, { absolute }: Tracked): Promise<NewRecord | undefined> {
  const found = await stat(absolute).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isDirectory()) {
    const { md5, bytes, files } = await digestFolder(root, absolute, 'md5');
    return { md5, size: bytes, nfiles: files.length };
  }
  const [hashed] = await hashFiles([absolute], 'md5');
  const executable = (found.mode & EXECUTABLE) === 0 ? {} : { isexec: true as const };
  return hashed && { md5: hashed.hex, size: hashed.bytes, ...executable };
}

/** Keys that say what the bytes were; those of a new record that are not set are taken away. */
const OF_BYTES = ['md5', 'size', 'nfiles', 'isexec', 'etag', 'version_id', 'cloud', 'files'];

/**
 * The text of a `.dvc` file or a dvc.lock with a new record of one output, as `dvc add` and `dvc commit` would write it; all
 * other text stays byte for byte. Undefined when the file has no such output, or has it in braces, as DVC never writes it.
 */
export function renewRecord(
  text: string,
  { recorded, entry, origin }: Tracked,
  record: NewRecord,
): string | undefined {
  const { document } = readYaml(text, z.unknown(), recorded.name);
  const place = origin.kind === 'stage' ? ['stages', origin.stage, 'outs'] : ['outs'];
  const outs = document.getIn(place, true) ?? document.getIn(place.slice(1), true);
  const out = isSeq(outs)
    ? outs.items.find((item): item is YAMLMap => isMap(item) && item.get('path') === entry.path)
    : undefined;
  const lines = out && linesOf(text, out);
  if (lines === undefined) return undefined;
  const kept = lines.filter(({ key }) => !OF_BYTES.includes(key) || key in record);
  const renewed = new Map(kept.map(({ key, line }) => [key, line]));
  for (const [key, value] of Object.entries({ ...record, hash: 'md5' })) {
    renewed.set(key, `${key}: ${typeof value === 'string' ? quoted(value) : value}`);
  }
  const { start, end, indent } = extent(text, lines);
  return text.slice(0, start) + [...renewed.values()].join(`\n${indent}`) + text.slice(end);
}

/** A key of a map with its text, from the first character of the key to the last of the value. */
interface Line {
  readonly key: string;
  readonly line: string;
  readonly start: number;
  readonly end: number;
}

function linesOf(text: string, map: YAMLMap): Line[] | undefined {
  if (map.flow === true) return undefined;
  const lines = map.items.map(({ key, value }) => {
    if (!isScalar(key) || !key.range) return undefined;
    const start = key.range[0];
    const end = isNode(value) && value.range ? value.range[1] : key.range[1] + 1;
    const line = text.slice(start, end).trimEnd();
    return { key: String(key.value), line, start, end: start + line.length };
  });
  return lines.every((line) => line !== undefined) ? lines : undefined;
}

/** Where the lines of a map stand, and what stands before each but the first. */
function extent(text: string, lines: readonly Line[]): { start: number; end: number; indent: string } {
  const start = lines[0]?.start ?? 0;
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  return { start, end: lines.at(-1)?.end ?? start, indent: ' '.repeat(column) };
}

/** An md5 of which a reader of YAML would make a number (`12`, `1e5`, `0b1`) stands in quotes. */
function quoted(md5: string): string {
  return /^(\d+(e\d+)?|0b[01]+)$/.test(md5) ? `'${md5}'` : md5;
}

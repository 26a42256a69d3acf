import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { errorCode } from '../action/errors.ts';
import type { Finding } from './pipeline-status.ts';

/** Compares the parameters that a stage recorded with their files, which are relative to its folder. */
export async function compareParams(
  folder: string,
  recorded: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [file, values] of Object.entries(recorded)) {
    if (!/\.(?:ya?ml|json)$/.test(file)) {
      findings.push({ unknown: `parameters in ${file} are neither YAML nor JSON` });
      continue;
    }
    const now = await contentOf(path.resolve(folder, file));
    if ('missing' in now) findings.push({ change: `the parameter file ${file} is ${now.missing}` });
    else findings.push(...compareValues(file, now.content, values));
  }
  return findings;
}

function compareValues(
  file: string,
  content: unknown,
  recorded: Readonly<Record<string, unknown>>,
): Finding[] {
  return Object.entries(recorded)
    .filter(([key, value]) => !isDeepStrictEqual(valueAt(content, key), value))
    .map(([key]) => ({ change: `parameter ${key} of ${file} changed` }));
}

/** `train.lr` is a key of that name, or `lr` in `train`. */
function valueAt(content: unknown, key: string): unknown {
  if (typeof content !== 'object' || content === null) return undefined;
  if (Object.hasOwn(content, key)) return (content as Record<string, unknown>)[key];
  for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1)) {
    const first = key.slice(0, dot);
    if (!Object.hasOwn(content, first)) continue;
    return valueAt((content as Record<string, unknown>)[first], key.slice(dot + 1));
  }
  return undefined;
}

async function contentOf(
  file: string,
): Promise<{ readonly content: unknown } | { readonly missing: string }> {
  try {
    return { content: parse(await readFile(file, 'utf8')) as unknown };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { missing: 'not there' };
    if (errorCode(error) !== undefined && errorCode(error)?.startsWith('E') === true) throw error;
    return { missing: 'not readable as YAML' };
  }
}

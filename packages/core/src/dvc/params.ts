import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LIMITS, readBoundedText } from '../action/limits.ts';
import { errorCode, isUserError } from '../action/errors.ts';
import type { Finding } from './finding.ts';
import { parseParams } from './yaml.ts';

type Recorded = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Compares the parameters that a stage reads now with those that it recorded; `folder` is what their files are relative to.
 * `declared` are the keys by file, null for all of a file, as dvc.yaml has them.
 */
export async function compareParams(
  folder: string,
  declared: ReadonlyMap<string, readonly string[] | null>,
  recorded: Recorded,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [file, keys] of declared) {
    const then = recorded[file] ?? {};
    if (!/\.(?:ya?ml|json)$/.test(file)) {
      findings.push({ unknown: `parameters in ${file} are neither YAML nor JSON` });
      continue;
    }
    const now = await contentOf(path.resolve(folder, file));
    if ('missing' in now) findings.push({ change: `the parameter file ${file} is ${now.missing}` });
    else findings.push(...compareValues(file, now.content, keysOf(keys, now.content, then), then));
  }
  return findings;
}

/** A key with a variable stands for those that were recorded. */
function keysOf(
  declared: readonly string[] | null,
  content: unknown,
  recorded: Readonly<Record<string, unknown>>,
): string[] {
  const known = Object.keys(recorded);
  if (declared === null) return [...new Set([...Object.keys(content ?? {}), ...known])];
  const plain = declared.filter((key) => !key.includes('${'));
  return plain.length === declared.length ? plain : [...new Set([...plain, ...known])];
}

function compareValues(
  file: string,
  content: unknown,
  keys: readonly string[],
  recorded: Readonly<Record<string, unknown>>,
): Finding[] {
  return keys.flatMap((key) => {
    if (!Object.hasOwn(recorded, key)) return [{ change: `parameter ${key} of ${file} is new` }];
    if (isDeepStrictEqual(valueAt(content, key), recorded[key])) return [];
    return [{ change: `parameter ${key} of ${file} changed` }];
  });
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
    return {
      content: parseParams(
        await readBoundedText(file, { name: file, reason: 'bad-config', limit: LIMITS.metrics }),
      ),
    };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { missing: 'not there' };
    if (isUserError(error) || errorCode(error)?.startsWith('E') === true) throw error;
    return { missing: 'not readable as YAML' };
  }
}

import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { LIMITS, readBoundedText } from '../action/limits.ts';
import ignore from 'ignore';
import { errorCode } from '../action/errors.ts';

/** What DVC never looks at (dvc/ignore.py). */
const ALWAYS = ['.hg/', '.git/', '.git', '.dvc/'];
const FILE = '.dvcignore';

/** Whether DVC ignores a path relative to its root, with `/`; a folder's path ends with `/`. */
export type Ignored = (relative: string) => boolean;

/** Collects the patterns of every `.dvcignore` from the root down to `folder`, both absolute. */
export async function readIgnored(root: string, folder: string): Promise<Ignored> {
  const patterns = ignore.default({ ignorecase: false }).add(ALWAYS);
  const below = path
    .relative(root, folder)
    .split(path.sep)
    .filter((part) => part !== '');
  for (let depth = 0; depth <= below.length; depth++) {
    const place = below.slice(0, depth).join('/');
    const text = await textOf(path.join(root, place, FILE));
    const rules = text.split(/\r?\n/).map((line) => line.trim());
    patterns.add(
      rules.filter((rule) => rule !== '' && !rule.startsWith('#')).map((rule) => moved(rule, place)),
    );
  }
  return (relative) => patterns.ignores(relative);
}

async function textOf(file: string): Promise<string> {
  try {
    return (await stat(file)).isFile()
      ? await readBoundedText(file, { name: file, reason: 'bad-config', limit: LIMITS.settings })
      : '';
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return '';
    throw error;
  }
}

/** A rule of a folder's own file as a rule of the root (dvc/pathspec_math.py, `change_rule`). */
function moved(rule: string, place: string): string {
  if (place === '') return rule;
  const not = rule.startsWith('!') ? '!' : '';
  const own = rule.slice(not.length);
  const anchored = own.slice(0, -1).includes('/') && !own.startsWith('**/');
  const bare = own.replace(anchored ? /^\// : /^\*\*\//, '').replace(/^\\/, '');
  return `${not}/${escaped(place)}/${anchored ? '' : '**/'}${bare}`;
}

function escaped(place: string): string {
  return place.replace(/[\\*?[\]!# ]/g, (sign) => `\\${sign}`);
}

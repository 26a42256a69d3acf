import { realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, errorCode } from './errors.ts';

/** A path as it was given: what messages call the setting, the value, and the absolute folder it is relative to. */
export interface GivenPath {
  readonly what: string;
  readonly given: string;
  readonly base: string;
}

interface PathRequest {
  /** How the message names the setting, such as "input 'contract'" or "data.contract". */
  readonly what: string;
  /** `any` accepts a file or a directory; `absent` does not look at what is there. */
  readonly kind: 'file' | 'directory' | 'any' | 'absent';
}

/**
 * Resolves a path a user gave against `base` and proves that it stays inside `workspace`, following symbolic links.
 * Returns the absolute path, which begins as `workspace` does. Throws `bad-input` for a path that leaves the workspace or is of the wrong kind and
 * `missing-file` when nothing is there.
 */
export async function insideWorkspace(
  workspace: string,
  base: string,
  given: string,
  request: PathRequest,
): Promise<string> {
  if (given.includes('\0')) throw new UserError('bad-input', `${request.what} contains a NUL character.`);
  const resolved = path.resolve(base, given);
  const [root, target] = await Promise.all([realpath(workspace), realTarget(resolved)]).catch(
    (error: unknown) => {
      throw unresolvable(error, given, request);
    },
  );
  if (!isInside(target, root)) {
    throw new UserError(
      'bad-input',
      `${request.what} is '${given}', which leaves the workspace ${workspace}. Use a path inside the checkout.`,
    );
  }
  const inside = isInside(resolved, workspace) ? resolved : path.join(workspace, path.relative(root, target));
  if (request.kind === 'absent') return inside;
  const found = await kindOf(inside);
  if (found === undefined) {
    throw new UserError(
      'missing-file',
      `${request.what} is '${given}', but nothing is there (looked at ${resolved}). Check the spelling, and that an earlier step wrote it.`,
    );
  }
  if (found === 'pipe or device' || (request.kind !== 'any' && found !== request.kind)) {
    throw new UserError(
      'bad-input',
      `${request.what} is '${given}', which is a ${found}; a ${request.kind === 'any' ? 'file or directory' : request.kind} is needed.`,
    );
  }
  return inside;
}

function unresolvable(error: unknown, given: string, { what }: PathRequest): unknown {
  switch (errorCode(error)) {
    case 'ELOOP':
      return new UserError('bad-input', `${what} is '${given}', a symbolic link that leads back to itself.`);
    case 'ENAMETOOLONG':
      return new UserError(
        'bad-input',
        `${what} is a path of ${given.length} characters, longer than a path can be.`,
      );
    case 'EACCES':
      return new UserError(
        'no-permission',
        `${what} is '${given}', which this user may not look into. Correct its access rights.`,
        {
          cause: error,
        },
      );
    default:
      return error;
  }
}

/** Whether `candidate` is `root` or lies below it; both absolute and free of links. */
export function isInside(candidate: string, root: string): boolean {
  const relative = path.relative(root, candidate);
  return (
    relative === '' ||
    (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative))
  );
}

/** How messages, records and annotations name a file: its path from `root`, with `/` on every system. */
export function nameWithin(
  root: string,
  absolute: string,
  rules: Pick<typeof path, 'relative' | 'sep'> = path,
): string {
  return rules.relative(root, absolute).split(rules.sep).join('/');
}

/** A pipe or a device is of no use where a file is meant: reading it may never end. */
async function kindOf(absolute: string): Promise<'file' | 'directory' | 'pipe or device' | undefined> {
  try {
    const found = await stat(absolute);
    if (found.isDirectory()) return 'directory';
    return found.isFile() ? 'file' : 'pipe or device';
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The real path of the deepest part that exists, with the rest appended: a new file below a link is still caught. */
export async function realTarget(absolute: string): Promise<string> {
  try {
    return await realpath(absolute);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
    const parent = path.dirname(absolute);
    return parent === absolute ? absolute : path.join(await realTarget(parent), path.basename(absolute));
  }
}

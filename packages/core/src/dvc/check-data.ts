import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { isDynamicPattern } from 'tinyglobby';
import { UserError } from '../action/errors.ts';
import { checkTracked, type Difference, type TrackedCheck } from './check.ts';
import { findProject, isAddress } from './project.ts';
import type { PullContext } from './pull.ts';
import { selectionOf, type Selection } from './select.ts';
import { findTracked } from './tracked.ts';

interface DataRequest {
  /** Paths and globs; addresses such as `s3://…` are no business of DVC's. */
  readonly patterns: readonly string[];
  /** Absolute folder that they are relative to. */
  readonly base: string;
  /** Absolute path of the checkout. */
  readonly workspace: string;
  /** More files and folders: absolute paths. */
  readonly files?: readonly string[];
}

/**
 * Brings data that DVC tracks into the workspace where it is missing, and compares it with what DVC recorded. Data that
 * DVC does not track is left alone, and so is everything outside of a DVC project.
 */
export async function checkData(request: DataRequest, context: PullContext): Promise<TrackedCheck[]> {
  const project = await findProject(request.base, request.workspace);
  if (project === undefined) return [];
  const checks: TrackedCheck[] = [];
  for (const { place, selects } of await selectionsOf(request)) {
    if (!isBelow(place, project.root)) continue;
    for (const tracked of await findTracked(project, place)) {
      context.signal.throwIfAborted();
      const check = await checkTracked(project, tracked, selects, context);
      if (check !== undefined && check.files > 0) checks.push(check);
    }
  }
  return checks;
}

/** The same for a step that only needs the data: says what was pulled, and throws where anything differs. */
export async function bringData(request: DataRequest, context: PullContext): Promise<TrackedCheck[]> {
  const checks = await checkData(request, context);
  requireEqual(checks, []);
  for (const { tracked, pulled } of checks) {
    if (pulled > 0) context.log.info(`DVC: ${pulled} file(s) of ${tracked.recorded.name} were pulled.`);
  }
  return checks;
}

async function selectionsOf({ patterns, base, files = [] }: DataRequest): Promise<Selection[]> {
  const local = patterns.filter((pattern) => !isAddress(pattern));
  const named = local.map(async (pattern) => {
    const dynamic = isDynamicPattern(pattern) && !(await isThere(path.resolve(base, pattern)));
    return selectionOf(pattern, base, dynamic);
  });
  return [...(await Promise.all(named)), ...files.map((file) => selectionOf(file, base, false))];
}

/**
 * Throws UserError `digest-mismatch` (fail) that names what differs, when anything does. `renewed` are files that would
 * record the data as it is.
 */
export function requireEqual(checks: readonly TrackedCheck[], renewed: readonly string[]): void {
  const differing = checks.filter(({ differences }) => differences.length > 0);
  const [first] = differing;
  if (first === undefined) return;
  const all = differing.flatMap(({ differences }) => differences);
  const shown = all.slice(0, MOST_NAMED).map(describe).join('; ');
  const more = all.length > MOST_NAMED ? `; and ${all.length - MOST_NAMED} more` : '';
  const files = [...new Set(differing.map(({ tracked }) => tracked.recorded.name))].join(', ');
  throw new UserError<'digest-mismatch'>(
    'digest-mismatch',
    `The data is not what ${files} recorded: ${shown}${more}. ${remedyOf(first)}${renewed.length === 0 ? '' : ` The new record would be ${renewed.join(', ')}.`}`,
    { decision: 'fail' },
  );
}

const MOST_NAMED = 5;

function describe({ path: name, expected, actual }: Difference): string {
  if (expected === undefined) return `${name} (md5 ${actual ?? ''}) was not there then`;
  if (actual === undefined) return `${name} is missing (md5 ${expected} expected)`;
  return `${name} has md5 ${actual}, expected ${expected}`;
}

function remedyOf({ tracked }: TrackedCheck): string {
  const { recorded, origin } = tracked;
  if (origin.kind === 'stage') {
    return `To go back to what was recorded, run 'dvc checkout'. If the data is meant to be new, run 'dvc repro ${origin.stage}' and 'dvc push', and commit ${recorded.name}.`;
  }
  return `To go back to what was recorded, run 'dvc checkout ${recorded.name}'. If the data is meant to be new, run 'dvc add' on it and 'dvc push', and commit ${recorded.name}.`;
}

async function isThere(absolute: string): Promise<boolean> {
  return (await stat(absolute).catch(() => undefined))?.isFile() ?? false;
}

function isBelow(place: string, root: string): boolean {
  return place === root || place.startsWith(`${root}${path.sep}`);
}

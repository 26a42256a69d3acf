import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '../../action/errors.ts';
import { LIMITS } from '../../action/limits.ts';
import { isInside } from '../../action/paths.ts';
import { findCheckedOut } from '../../ledger/checked-out.ts';
import { committedFile } from '../../ledger/committed-file.ts';
import type { RemoteAccess } from '../../ledger/remote.ts';
import { pinMatcher, testSetMatcher } from '../../gate/test-set-files.ts';
import { isMetricsFile } from '../given-file.ts';
import { openLedgerIfAny } from '../ledger-reader.ts';
import { findBaseCommit } from './base-commit.ts';
import type { Nothing, SourceAnswer, SourceKind, SourceSearch } from './source.ts';

/** A file of metrics or predictions as it is in git where the change began, or one commit before. */
export const base: SourceKind = {
  argument: 'path',
  check: (given) => {
    if (!path.isAbsolute(given) && !given.includes('\0')) return;
    throw new UserError(
      'bad-config',
      `The baseline source 'base:${given}' names no path inside the repository. Write the path of a committed file, relative to the folder of sluice.yaml, such as base:metrics.json.`,
    );
  },
  find: findAtBase,
};

async function findAtBase(given: string, search: SourceSearch): Promise<SourceAnswer> {
  const { context, scratch, pull } = search;
  const ledger = await openLedgerIfAny(context);
  if (typeof ledger === 'string') return { kind: 'nothing', why: ledger, never: ledger };
  const { access } = ledger;
  const commit = await findBaseCommit(context, access, pull);
  if ('why' in commit) return { kind: 'nothing', why: commit.why };
  const head = (await findCheckedOut(context.directory)) ?? 'HEAD';
  const top = await inTop(access, search.base);
  const file = top(given);
  const copy = path.join(scratch, `${randomUUID()}${path.extname(given)}`);
  const most = isMetricsFile(given) ? LIMITS.metrics.bytes : LIMITS.committed;
  const isWatched = await testSetOf(search, access);
  const request = { from: commit.commit, to: head, file, copy, most, isWatched };
  const found = await committedFile(access, request, context.signal);
  const at = commit.commit.slice(0, 7);
  if ('why' in found) {
    return {
      kind: 'nothing',
      why: `the commit ${at} that the change is compared with is not in this clone and cannot be fetched (${found.why}); set fetch-depth: 0 at actions/checkout`,
    };
  }
  if (found.kind !== 'saved') return nothing(given, at, found);
  return {
    kind: 'committed',
    name: given,
    copy,
    commit: commit.commit,
    changedTestSet: found.changed,
  };
}

type NotSaved = Exclude<Awaited<ReturnType<typeof committedFile>>, { kind: 'saved' } | { why: string }>;

function nothing(given: string, at: string, found: NotSaved): Nothing {
  if (found.kind === 'pointer') {
    const why = `${given} at ${at} is a pointer of Git LFS, and its bytes are not in git`;
    const never = `base:${given} names a file of Git LFS, and only what git itself has is read. Take it out of .gitattributes, or name a file of metrics.`;
    return { kind: 'nothing', why, never };
  }
  const { keeper, isInNewer } = found;
  if (keeper !== undefined) {
    const why = `${given} at ${at} is not in git but with DVC (${keeper})`;
    const never = `base:${given} names a file that DVC keeps (${keeper}), and only what git itself has is read. Set cache: false for it in dvc.yaml and commit it, as DVC advises for metrics.`;
    return { kind: 'nothing', why, ...(isInNewer ? {} : { never }) };
  }
  const why = `${given} is not in the commit ${at}`;
  const never = `base:${given} names a file that is in git neither at ${at} nor here. Commit it with the change that makes it, and take it out of .gitignore.`;
  return { kind: 'nothing', why, ...(isInNewer ? {} : { never }) };
}

/** How a path that is relative to `folder` is called from the top of the work tree. */
async function inTop({ top }: RemoteAccess, folder: string): Promise<(given: string) => string> {
  const real = await realpath(folder);
  return (given) => {
    const absolute = path.resolve(real, given);
    if (isInside(absolute, top)) return path.relative(top, absolute).split(path.sep).join('/');
    throw new UserError(
      'bad-config',
      `The baseline source 'base:${given}' leaves the repository ${top}. Write a path inside of it, relative to the folder of sluice.yaml.`,
    );
  };
}

/** Tells files of the test set, and what pins it. */
async function testSetOf(
  { testData }: SourceSearch,
  access: RemoteAccess,
): Promise<(file: string) => boolean> {
  if (testData === undefined) return () => false;
  const folder = (await inTop(access, testData.base))('.');
  const matchers = [testSetMatcher, pinMatcher].map((matcher) => matcher(folder, testData.patterns));
  return (file) => matchers.some((matches) => matches(file));
}

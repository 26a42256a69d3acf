// Says whether a folder that DVC tracks is as recorded, in a process of its own, as validate-data does.
// Usage: tsx bench/digest/measure.ts <folder of the project> <tracked folder>
import * as path from 'node:path';
import { checkTracked } from '@sluice/core/dvc/check.ts';
import { findProject } from '@sluice/core/dvc/project.ts';
import { findTracked } from '@sluice/core/dvc/tracked.ts';

const [root = '', name = ''] = process.argv.slice(2);
const project = await findProject(root, root);
if (project === undefined) throw new Error(`${root} is no DVC project`);
const [tracked] = await findTracked(project, path.join(root, name));
if (tracked === undefined) throw new Error(`${name} is not tracked`);
const context = {
  env: process.env,
  signal: new AbortController().signal,
  log: {
    info: console.error,
    notice: console.error,
    warning: console.error,
    debug: () => undefined,
    group: <T>(_title: string, body: () => Promise<T>) => body(),
    raw: process.stderr,
  },
  timeoutMs: 1000,
};
const check = await checkTracked(project, tracked, () => true, context);
if (check === undefined || check.differences.length > 0) throw new Error(`${name} differs`);
console.log(check.files);

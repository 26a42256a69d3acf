import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { globSync } from 'tinyglobby';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/generate/actions.ts';
import { yamlBlocks } from '@sluice/testing/language-service.ts';

/*
 * GitHub refuses to start a workflow that calls one of ours with an input it does not have, or with fewer permissions than
 * its jobs ask for. act looks at neither.
 */

type Permissions = Readonly<Record<string, 'read' | 'write'>>;
interface Job {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
}
interface Workflow {
  readonly on?: { readonly workflow_call?: Called };
  readonly permissions?: Permissions;
  readonly jobs?: Readonly<Record<string, Job>>;
}
interface Called {
  readonly inputs?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly secrets?: Readonly<Record<string, unknown>>;
}

const OURS = /^sluice-ml\/sluice\/(\.github\/workflows\/.*)@v1$/;
const glob = (patterns: string[]): string[] =>
  globSync(patterns, { cwd: ROOT, dot: true, ignore: '**/node_modules/**' }).sort();

/** The workflows of all examples, as files and in the documentation. */
async function examples(): Promise<[place: string, workflow: Workflow][]> {
  const files = glob(['workflows-examples/*.yml', 'workflows-examples/**/.github/workflows/*.yml']);
  const documents = glob(['*.md', 'docs/**/*.md', 'actions/*/*.md', 'workflows-examples/**/*.md']);
  const ofFiles = files.map(async (file) => [[file, await readFile(path.join(ROOT, file), 'utf8')]]);
  const ofDocuments = documents.map(async (file) =>
    (await yamlBlocks(path.join(ROOT, file))).map(({ line, text }) => [`${file}:${line}`, text]),
  );
  return (await Promise.all([...ofFiles, ...ofDocuments]))
    .flat()
    .map(([place = '', text = '']) => [place, parse(text) as Workflow]);
}

const LEVELS = ['none', 'read', 'write'];
const level = (permissions: Permissions | undefined, scope: string): number =>
  LEVELS.indexOf(permissions?.[scope] ?? 'none');

async function findings(job: Job, granted: Permissions | undefined, file: string): Promise<string[]> {
  const called = parse(await readFile(path.join(ROOT, file), 'utf8')) as Workflow;
  const { inputs = {}, secrets = {} } = called.on?.workflow_call ?? {};
  const unknown = [
    ...Object.keys(job.with ?? {}).filter((name) => !(name in inputs)),
    ...Object.keys(job.secrets ?? {}).filter((name) => !(name in secrets)),
  ];
  const missing = Object.entries(inputs).filter(
    ([name, { required }]) => required === true && job.with?.[name] === undefined,
  );
  const tooLittle = Object.values(called.jobs ?? {}).flatMap(({ permissions = {} }) =>
    Object.keys(permissions).filter((scope) => level(granted, scope) < level(permissions, scope)),
  );
  return [
    ...unknown.map((name) => `${file} has no '${name}'`),
    ...missing.map(([name]) => `${file} needs '${name}'`),
    ...tooLittle.map((scope) => `${file} asks for more of '${scope}'`),
  ];
}

test('every call of one of our workflows gives it what it needs, and nothing it does not know', async () => {
  const found: string[] = [];
  let calls = 0;
  for (const [place, workflow] of await examples()) {
    for (const job of Object.values(workflow.jobs ?? {})) {
      const file = OURS.exec(job.uses ?? '')?.[1];
      if (file === undefined) continue;
      calls += 1;
      const granted = job.permissions ?? workflow.permissions;
      found.push(...(await findings(job, granted, file)).map((finding) => `${place}: ${finding}`));
    }
  }
  expect(found).toEqual([]);
  expect(calls).toBeGreaterThan(2);
});

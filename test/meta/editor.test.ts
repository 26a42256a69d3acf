import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { parse } from 'yaml';
import { ROOT, actionNames, readMetadata } from '../../scripts/generate/actions.ts';

/** The part of .vscode/launch.json that says what is started. */
interface Launch {
  readonly configurations: readonly {
    readonly name: string;
    readonly runtimeArgs: readonly string[];
    readonly program: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }[];
  readonly inputs: readonly { readonly id: string; readonly options?: readonly string[] }[];
}

interface Form {
  readonly body: readonly { readonly id: string; readonly attributes: { readonly options?: string[] } }[];
}

const text = (file: string): Promise<string> => readFile(path.join(ROOT, file), 'utf8');
const launch = JSON.parse(await text('.vscode/launch.json')) as Launch;

/** Runs a configuration as the editor does, with what the editor would ask for. */
function start(name: string, asked: Readonly<Record<string, string>>, folder: string): string {
  const found = launch.configurations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`launch.json has no configuration '${name}'.`);
  const known: Record<string, string> = { workspaceFolder: ROOT, ...asked };
  const filled = (value: string): string =>
    value.replace(/\$\{([^}]+)\}/g, (_, key: string) => known[key] ?? '');
  const own = Object.fromEntries(Object.entries(found.env ?? {}).map(([key, value]) => [key, filled(value)]));
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...found.runtimeArgs, filled(found.program), ...(found.args ?? []).map(filled)],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        ...own,
        ...(own['GITHUB_WORKSPACE'] === undefined ? {} : { GITHUB_WORKSPACE: folder }),
      },
    },
  );
  return stdout + stderr;
}

test('an action starts from its sources in an editor, on the sample project', async () => {
  const folder = await temporaryFolder('editor');
  await cp(path.join(ROOT, 'workflows-examples', 'flight-delay'), folder, { recursive: true });
  const printed = start('Action on the sample project', { 'input:action': 'validate-data' }, folder);
  expect(printed).toMatch(/validate-data: All \d+ rules hold for 336,776 rows/);
});

test('one test starts in an editor', async () => {
  const relativeFile = path.join('packages', 'core', 'src', 'dvc', 'place.test.ts');
  const source = await text(relativeFile);
  const name = /^test\('([^']+)'/m.exec(source)?.[1] ?? '';
  const printed = start('One test of this file', { relativeFile, 'input:test': name }, ROOT);
  expect(printed).toMatch(/^Tests: .*\b1 passed/m);
});

test('whoever starts an action, or reports a bug, can choose every action', async () => {
  const names = await actionNames();
  expect([...(launch.inputs.find(({ id }) => id === 'action')?.options ?? [])].sort()).toEqual(names);
  const form = parse(await text('.github/ISSUE_TEMPLATE/bug.yml')) as Form;
  expect([...(form.body.find(({ id }) => id === 'action')?.attributes.options ?? [])].sort()).toEqual(names);
});

test('.node-version is the Node that the actions run on', async () => {
  const { runs } = await readMetadata(path.join(ROOT, 'actions', 'train'));
  expect(`node${(await text('.node-version')).trim()}`).toBe(runs.using);
});

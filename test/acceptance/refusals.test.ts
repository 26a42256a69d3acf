import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * What deploy and rollback refuse before they touch anything. One environment serves v1.0.0 for all of these tests,
 * v2.0.0 is registered, and after each of them everything must be as it was.
 */

jest.setTimeout(60_000);

let production: Production;
let tags: string[];
beforeAll(async () => {
  production = await startProduction();
  await production.register({ bias: 1 });
  expect(await production.run('deploy')).toMatchObject({ code: 0 });
  await production.register({ bias: 2 });
  tags = await production.repository.tags();
});
afterAll(() => production.remove());

const ACTIONS = ['deploy', 'rollback'] as const;
type Action = (typeof ACTIONS)[number];

async function expectRefused(
  action: Action,
  inputs: Readonly<Record<string, string>>,
  reason: string,
  message: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const given = action === 'rollback' ? { reason: 'bad', ...inputs } : inputs;
  const step = await production.run(action, given, { env });
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': reason } });
  expect(String(step.result['message'])).toContain(message);
  expect(step.summary).toMatch(
    /^### (`flight-delay`|The model) (could not be|was not) (deployed|rolled back)\n/,
  );
  expect(step.summary).toContain(`Reason code: \`${reason}\` (`);
  expect((await production.served()).version).toBe('v1.0.0');
  expect(await production.repository.tags()).toEqual(tags);
  expect(await production.locks()).toBe('');
}

const URL_ = "url: 'http://127.0.0.1:9'";
const target = (rest: string): string => `{type: directory, path: '\${MODEL_ROOT}', ${rest}}`;

describe.each(ACTIONS)('%s refuses', (action) => {
  test.each([
    ['a model name with a slash', { model: 'a/b' }, 'bad-input', "The model name 'a/b' is not allowed"],
    ['a model name with a space', { model: 'a b' }, 'bad-input', "'a b'"],
    ['a model name with an emoji', { model: 'flight🛫' }, 'bad-input', "'flight🛫'"],
    ['an unknown environment', { environment: 'prodution' }, 'bad-input', "Did you mean 'production'?"],
    ['an environment with a slash', { environment: 'a/b' }, 'bad-input', "'a/b'"],
    ['a word for yes or no', { 'dry-run': 'maybe' }, 'bad-input', "Input 'dry-run' is 'maybe'"],
    ['a version that is none', { 'expected-current': '1.0' }, 'bad-input', "'expected-current' is '1.0'"],
    ['a target that is no YAML', { target: '{' }, 'bad-input', "input 'target':1:"],
    ['a misspelt key', { target: target('relaod: x') }, 'bad-input', "Did you mean 'reload'?"],
    ['a wrong type', { verify: '{ready-count: many}' }, 'bad-input', 'expected'],
    ['a duration without a unit', { verify: '{timeout: 30}' }, 'bad-input', 'verify'],
    ['a url that is none', { target: target('url: localhost') }, 'bad-config', "url is 'localhost'"],
    [
      'a reload of two commands',
      { target: target(`reload: 'true && true', ${URL_}`) },
      'bad-config',
      "input 'target'.reload has the shell operator '&&'",
    ],
    ['a golden file that is not there', { verify: '{golden: g.jsonl}' }, 'missing-file', "'g.jsonl'"],
    ['an empty golden file', { verify: '{golden: empty.jsonl}' }, 'bad-input', 'holds no golden predictions'],
    ['a golden file that is broken', { verify: '{golden: broken.jsonl}' }, 'bad-input', 'broken.jsonl:2'],
    ['a folder as golden file', { verify: '{golden: folder}' }, 'bad-input', 'is a directory'],
    ['a golden file outside', { verify: '{golden: ../g.jsonl}' }, 'bad-input', 'leaves the workspace'],
    [
      'a golden file outside the model',
      { verify: "{golden: '{model-path}/../../x'}" },
      'bad-input',
      "leaves the model's folder",
    ],
    [
      'golden predictions without a url',
      { target: target('keep: 3'), verify: '{golden: good.jsonl}' },
      'bad-config',
      'has no url to ask',
    ],
    ['a config that is not there', { config: 'other.yaml' }, 'missing-file', 'other.yaml'],
    ['a working directory outside', { 'working-directory': '..' }, 'bad-input', 'leaves the workspace'],
  ])('%s', async (_name, inputs, reason, message) => {
    await production.repository.write({
      'empty.jsonl': '\n',
      'broken.jsonl': '{"input": 1, "output": 1}\n{"input": 1}\n',
      'good.jsonl': '{"input": {"x": 1}, "output": {}}\n',
    });
    await mkdir(path.join(production.repository.workspace, 'folder'), { recursive: true });
    await expectRefused(action, inputs, reason, message);
  });

  test('an unset variable', async () => {
    await expectRefused(action, {}, 'bad-config', 'MODEL_URL is not set', { MODEL_URL: '' });
  });

  test('an unknown key in sluice.yaml', async () => {
    await withConfig('version: 1\nmodel: flight-delay\nenviroments: {}\n', () =>
      expectRefused(action, {}, 'bad-config', "Did you mean 'environments'?"),
    );
  });

  test('an empty sluice.yaml', async () => {
    await withConfig('', () => expectRefused(action, {}, 'bad-config', 'sluice.yaml is empty'));
  });

  test('no environment at all', async () => {
    await withConfig('version: 1\nmodel: flight-delay\n', () =>
      expectRefused(action, { environment: 'production' }, 'bad-input', "the input 'target' is empty"),
    );
  });

  test('a checkout without a remote', async () => {
    const { repository } = production;
    await repository.git('remote', 'remove', 'origin');
    await expectRefused(action, {}, 'bad-config', "no git remote 'origin'").finally(() =>
      repository.git('remote', 'add', 'origin', repository.remote),
    );
  });

  test('a remote that is gone', async () => {
    const { repository } = production;
    await repository.git('remote', 'set-url', 'origin', `${repository.remote}-gone`);
    await expectRefused(action, {}, 'bad-config', 'There is no git repository').finally(() =>
      repository.git('remote', 'set-url', 'origin', repository.remote),
    );
  });

  test('a current that is no link', async () => {
    const folder = path.join(production.repository.root, 'other');
    await mkdir(path.join(folder, 'current'), { recursive: true });
    await expectRefused(action, {}, 'bad-config', 'is not a symbolic link', { MODEL_ROOT: folder });
  });
});

describe('deploy refuses', () => {
  test.each([
    ['a version that is none', { version: 'newest' }, 'bad-input', "Input 'version' is 'newest'"],
    ['a version nobody registered', { version: 'v9.0.0' }, 'unknown-version', 'Registered: v1.0.0, v2.0.0'],
    ['an unknown strategy', { strategy: 'canary' }, 'bad-input', 'expected direct, blue-green, or a map'],
    // A version may bring recorded ones, so it has to be known first.
    [
      'a latency without golden predictions',
      { target: target(URL_), verify: '{latency: {p95: 80ms}}' },
      'bad-config',
      'there are none',
    ],
    ['another current version', { 'expected-current': 'v9.0.0' }, 'superseded', 'not v9.0.0'],
  ])('%s', async (_name, inputs, reason, message) => {
    await expectRefused('deploy', inputs, reason, message);
  });
});

describe('rollback refuses', () => {
  test.each([
    ['no reason', { reason: '' }, 'bad-input', "Input 'reason' is empty"],
    ['a reason of spaces', { reason: '  ' }, 'bad-input', "Input 'reason' is empty"],
    ['a version that is none', { to: 'latest' }, 'bad-input', "Input 'to' is 'latest'"],
    ['a version nobody registered', { to: 'v9.0.0' }, 'unknown-version', "no version 'v9.0.0'"],
    ['a version that was never live', { to: 'v2.0.0' }, 'unknown-version', 'was never live'],
    ['another current version', { 'expected-current': 'v9.0.0' }, 'superseded', 'not v9.0.0'],
    ['nothing to go back to', {}, 'nothing-to-roll-back-to', 'no earlier good version'],
  ])('%s', async (_name, inputs, reason, message) => {
    await expectRefused('rollback', inputs, reason, message);
  });
});

async function withConfig(text: string, body: () => Promise<void>): Promise<void> {
  const file = path.join(production.repository.workspace, 'sluice.yaml');
  await writeFile(file, text);
  try {
    await body();
  } finally {
    await rm(file);
    await production.configure();
  }
}

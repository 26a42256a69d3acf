import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { access, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '@sluice/core/digest/files.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import { parseStatement } from '@sluice/core/evidence/statement.ts';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

const CONFIG = `version: 1
model: toy
data: {train: data.csv}
train:
  run: node train.mjs
  sources: [train.mjs]
  params: params.yaml
  environment-files: [requirements.txt]
  model-path: out/model
  metrics: out/metrics.json
  predictions: out/predictions.csv
`;
/** Counts its runs, and writes what a training writes. */
const TRAIN = `import fs from 'node:fs';
fs.appendFileSync('runs.log', 'x');
fs.mkdirSync('out/model', { recursive: true });
fs.writeFileSync('out/model/weights.bin', fs.readFileSync('data.csv'));
fs.writeFileSync('out/model/params', fs.readFileSync('params.yaml'));
fs.writeFileSync('out/metrics.json', JSON.stringify({ auc: 0.75, slice: { ewr: { value: 0.5, se: 0.01 } } }));
fs.writeFileSync('out/predictions.csv', 'id,label,prediction\\n1,0,0\\n');
console.log('model written');
`;

// A step starts processes of its own, several times in a test, on machines that do other work too.
jest.setTimeout(60_000);

let repository: TestRepository;
beforeEach(async () => {
  repository = await createRepository({
    'sluice.yaml': CONFIG,
    'train.mjs': TRAIN,
    'data.csv': 'a,b\n1,2\n',
    'params.yaml': 'depth: 3\n',
    'requirements.txt': 'x==1\n',
  });
});
afterEach(() => repository.remove());

const at = (...parts: string[]): string => path.join(repository.workspace, ...parts);

function train(options: Partial<Parameters<typeof runStep>[1]> = {}): Promise<StepResult> {
  return runStep('train', {
    workspace: repository.workspace,
    ...options,
    env: { SLUICE_TRAIN_CACHE: path.join(repository.root, 'cache'), ...options.env },
  });
}

async function runs(): Promise<number> {
  return (await readFile(at('runs.log'), 'utf8').catch(() => '')).length;
}

/** Everything below `out`, and nothing hidden left beside it. */
async function outFiles(): Promise<string[]> {
  const entries = await readdir(at('out'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(at('out'), path.join(entry.parentPath, entry.name)))
    .sort();
}

const WRITTEN = ['metrics.json', 'model/params', 'model/weights.bin', 'predictions.csv'];

/** An earlier model that a failed run must not cost. */
async function earlierModel(): Promise<void> {
  await repository.write({ 'out/model/old.bin': 'old', 'out/metrics.json': '{"auc": 0.1}' });
}

async function expectEarlierModel(): Promise<void> {
  expect(await outFiles()).toEqual(['metrics.json', 'model/old.bin']);
  expect(await readFile(at('out/metrics.json'), 'utf8')).toBe('{"auc": 0.1}');
}

async function expectFailure(
  step: StepResult,
  decision: string,
  reason: string,
  text: string,
): Promise<void> {
  expect(step.outputs).toMatchObject({ decision, 'reason-code': reason });
  expect(step.code).toBe(1);
  expect(step.result['message']).toContain(text);
  expect(step.annotations.map(({ level }) => level)).toContain('error');
  expect(step.outputs['evidence']).toBe('');
  await expect(access(at('.sluice/evidence/train.json'))).rejects.toThrow('ENOENT');
}

describe('a training', () => {
  test('sets the outputs, tells metrics and digests, and records what it was made from', async () => {
    const step = await train();
    expect(step.outputs).toMatchObject({
      decision: 'pass',
      'reason-code': 'ok',
      'model-path': at('out/model'),
      metrics: at('out/metrics.json'),
      predictions: at('out/predictions.csv'),
      'cache-hit': 'false',
    });
    expect(step.code).toBe(0);
    const { sha256: digest } = await digestModel(at('out/model'));
    expect(step.outputs['model-digest']).toBe(digest);
    expect(step.result).toMatchObject({
      'schema-version': 1,
      model: 'toy',
      'model-digest': digest,
      metrics: { auc: 0.75, 'slice.ewr': 0.5 },
      cache: { hit: false },
    });
    expect(step.result['inputs']).toContainEqual({ name: 'data.csv', digest: sha256('a,b\n1,2\n') });
    expect(step.summary).toContain('| auc | 0.7500 |');
    expect(step.stdout).toContain('model written');
  });

  test('writes the provenance of the model', async () => {
    const step = await train({
      env: {
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'acme/toy',
        GITHUB_RUN_ID: '42',
        GITHUB_WORKFLOW_REF: 'acme/toy/.github/workflows/pipeline.yml@refs/heads/main',
      },
    });
    const statement = parseStatement(await readFile(step.outputs['evidence'] ?? '', 'utf8'));
    const commit = await repository.git('rev-parse', 'HEAD');
    expect(statement).toMatchObject({
      subject: [
        { name: 'model:toy', digest: { sha256: step.outputs['model-digest'] } },
        { name: 'openssf-model-signing:toy' },
      ],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          externalParameters: { command: ['node', 'train.mjs'], params: { 'params.yaml': { depth: 3 } } },
          internalParameters: { dirty: false },
          resolvedDependencies: expect.arrayContaining([
            { name: 'checkout', uri: 'git+https://github.com/acme/toy', digest: { gitCommit: commit } },
            {
              name: 'data.csv',
              digest: { sha256: sha256('a,b\n1,2\n') },
              annotations: { role: 'data' },
            },
            {
              name: 'params.yaml',
              digest: { sha256: sha256('depth: 3\n') },
              annotations: { role: 'parameters' },
            },
            {
              name: 'requirements.txt',
              digest: { sha256: sha256('x==1\n') },
              annotations: { role: 'environment' },
            },
          ]),
        },
        runDetails: {
          builder: { id: 'https://github.com/acme/toy/.github/workflows/pipeline.yml@refs/heads/main' },
          metadata: { invocationId: 'https://github.com/acme/toy/actions/runs/42/attempts/1' },
        },
      },
    });
  });

  test('names the version of the interpreter that runs it, and uncommitted changes', async () => {
    await repository.write({ 'train.py': TRAIN_PY, 'params.yaml': 'depth: 4\n' });
    const step = await train({ inputs: { run: 'python3 train.py', sources: 'train.py' } });
    const statement = JSON.parse(await readFile(step.outputs['evidence'] ?? '', 'utf8')) as object;
    expect(statement).toMatchObject({
      predicate: {
        buildDefinition: {
          internalParameters: { dirty: true, python: expect.stringMatching(/^3\.\d+\.\d+/) },
        },
      },
    });
  });

  test('works without sluice.yaml, from inputs alone, on a single-file model', async () => {
    await rm(at('sluice.yaml'));
    const step = await train({
      inputs: {
        model: 'toy',
        run: `node -e "require('fs').writeFileSync('model.bin', 'weights')"`,
        'model-path': 'model.bin',
        data: 'data.csv',
      },
    });
    expect(step.outputs).toMatchObject({ decision: 'pass', metrics: '', predictions: '' });
    expect(step.outputs['model-digest']).toBe((await digestModel(at('model.bin'))).sha256);
  });

  test('a detached checkout is fine', async () => {
    await repository.git('checkout', '-q', '--detach');
    expect((await train()).outputs['decision']).toBe('pass');
  });

  test('a shallow checkout is fine', async () => {
    const workspace = await repository.clone('--depth=1', '--no-tags');
    const step = await runStep('train', { workspace, inputs: { cache: 'false' } });
    expect(step.outputs['decision']).toBe('pass');
  });

  test('a folder without git is fine', async () => {
    await rm(at('.git'), { recursive: true });
    const step = await train();
    expect(step.outputs['decision']).toBe('pass');
    expect(step.summary).toContain('not a git repository');
  });
});

const TRAIN_PY = `import os, json
os.makedirs('out/model', exist_ok=True)
open('out/model/w', 'w').write('w')
open('out/metrics.json', 'w').write(json.dumps({'auc': 0.5, 'bad': float('nan'), 'up': float('inf'), 'down': -float('inf'), 'note': 'text'}))
open('out/predictions.csv', 'w').write('id')
`;

describe('metrics that are not numbers', () => {
  test('are a warning that names them; the numbers are kept', async () => {
    await repository.write({ 'train.py': TRAIN_PY });
    const step = await train({ inputs: { run: 'python3 train.py' } });
    expect(step.outputs).toMatchObject({ decision: 'warn', 'reason-code': 'not-a-number' });
    expect(step.code).toBe(0);
    expect(step.result['metrics']).toEqual({ auc: 0.5 });
    expect(step.result['not-numeric']).toMatchObject(
      ['bad', 'up', 'down', 'note'].map((metric) => ({ metric })),
    );
    expect(step.annotations[0]?.message).toContain("'bad'");
  });
});

describe('a command that does not do its work', () => {
  const write = (file: string, text: string): string =>
    `node -e "const fs = require('fs'); fs.mkdirSync('out/model', {recursive: true}); fs.writeFileSync('${file}', '${text}')"`;

  test.each([
    ['fails', 'node -e "console.log(123); process.exit(3)"', 'command-failed', 'exit code 3'],
    ['leaves no model', 'node -e ""', 'no-model', 'left nothing there'],
    ['leaves an empty folder', write('out/predictions.csv', ''), 'no-model', 'holds no files'],
    ['leaves a model of zero bytes', write('out/model/w', ''), 'no-model', 'zero bytes'],
    ['leaves no metrics', write('out/model/w', 'w'), 'no-metrics', 'out/metrics.json'],
  ])('%s', async (_name, command, reason, text) => {
    await earlierModel();
    await expectFailure(await train({ inputs: { run: command } }), 'fail', reason, text);
    await expectEarlierModel();
  });

  test.each([
    ['empty', '', 'no file with content'],
    ['no numbers', '{"auc": "high"}', 'no metric that is a number'],
    ['not a map', '[1]', 'no map of metrics'],
    ['broken', '{"auc": ', 'neither JSON nor YAML'],
  ])('metrics file: %s', async (_name, text, message) => {
    await repository.write({
      'train.mjs': `${TRAIN}fs.writeFileSync('out/metrics.json', ${JSON.stringify(text)});`,
    });
    await expectFailure(await train(), 'fail', 'no-metrics', message);
  });

  test('no predictions', async () => {
    await repository.write({ 'train.mjs': `${TRAIN}fs.rmSync('out/predictions.csv');` });
    await expectFailure(await train(), 'fail', 'no-predictions', 'out/predictions.csv');
  });

  test('a link in the model', async () => {
    await repository.write({ 'train.mjs': `${TRAIN}fs.symlinkSync('/etc/hostname', 'out/model/link');` });
    await expectFailure(await train(), 'fail', 'no-model', 'symbolic link');
  });

  test('a program that is not there', async () => {
    await earlierModel();
    await expectFailure(
      await train({ inputs: { run: 'pyhton train.py' } }),
      'error',
      'missing-file',
      "'pyhton'",
    );
    await expectEarlierModel();
  });
});

describe('stopping', () => {
  /** Half a model, a grandchild that would live on, and no end. */
  const ENDLESS = `import fs from 'node:fs';
import { spawn } from 'node:child_process';
fs.mkdirSync('out/model', { recursive: true });
fs.writeFileSync('out/model/half', 'x');
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
fs.writeFileSync('pid', String(child.pid));
console.log('half done');
setInterval(() => {}, 1000);
`;

  async function expectGone(): Promise<void> {
    const pid = await readFile(at('pid'), 'utf8');
    for (let i = 0; i < 100; i++) {
      const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      if (state === '' || state.includes(' Z ')) return;
      await sleep(20);
    }
    throw new Error(`process ${pid} is still alive`);
  }

  test('at the timeout the whole group ends and the earlier model is back', async () => {
    await earlierModel();
    await repository.write({ 'train.mjs': ENDLESS });
    const step = await train({ inputs: { timeout: '2s' } });
    await expectFailure(step, 'error', 'timeout', 'train.run ran longer than 2 s');
    await expectGone();
    await expectEarlierModel();
  });

  test('on SIGTERM as well', async () => {
    await earlierModel();
    await repository.write({ 'train.mjs': ENDLESS });
    const step = await train({ kill: { signal: 'SIGTERM', after: 'half done' } });
    await expectFailure(step, 'error', 'cancelled', 'SIGTERM');
    await expectGone();
    await expectEarlierModel();
  });

  test('after a run that was killed, the earlier model comes back when the next one fails', async () => {
    await repository.write({ 'out/.model.before-train/old.bin': 'old', 'out/model/half': 'x' });
    const step = await train({ inputs: { run: 'node -e "process.exit(1)"' } });
    expect(step.outputs['reason-code']).toBe('command-failed');
    expect(await outFiles()).toEqual(['model/old.bin']);
  });
});

describe('the output of the command', () => {
  test('cannot issue workflow commands or set outputs', async () => {
    await repository.write({
      'train.mjs': `${TRAIN}console.log('::error::forged'); process.stdout.write('::warning::forged');
fs.writeFileSync('env.json', JSON.stringify(process.env));`,
    });
    const step = await train({ env: { ACTIONS_RUNTIME_TOKEN: 'secret', GITHUB_TOKEN: 'set by the author' } });
    const stopped = /^::stop-commands::(\w+)$[\s\S]*^::error::forged$[\s\S]*^::warning::forged\n::\1::$/m;
    expect(step.stdout).toMatch(stopped);
    const env = JSON.parse(await readFile(at('env.json'), 'utf8')) as Record<string, string>;
    expect(env['GITHUB_TOKEN']).toBe('set by the author');
    const forbidden = /^(INPUT_|ACTIONS_RUNTIME_TOKEN)/;
    expect(Object.keys(env).filter((name) => forbidden.test(name))).toEqual([]);
  });

  test('is all it says: neither the files of the step nor a process that outlives it speak to the runner', async () => {
    await repository.write({
      'train.mjs': `${TRAIN}import { spawn } from 'node:child_process';
const step = Object.fromEntries(fs.readFileSync('/proc/' + process.ppid + '/environ', 'utf8').split('\\0').map((e) => e.split('=', 2)));
fs.appendFileSync(step.GITHUB_STEP_SUMMARY, '### passed\\n<!-- ');
fs.appendFileSync(process.env.GITHUB_STEP_SUMMARY, '### passed');
fs.appendFileSync(step.GITHUB_OUTPUT, 'cache-hit=true\\n');
const late = "const fs = require('fs'); fs.writeFileSync('late.pid', String(process.pid)); for (;;) fs.appendFileSync(process.argv[1], 'model-digest=forged\\\\n');";
spawn(process.execPath, ['-e', late, step.GITHUB_OUTPUT], { detached: true, stdio: 'ignore' }).unref();
while (!fs.existsSync('late.pid')) await new Promise((resolve) => setTimeout(resolve, 20));`,
    });
    const step = await train();
    expect(step.code).toBe(0);
    expect(step.outputs).toMatchObject({ 'cache-hit': 'false', decision: 'pass' });
    expect(step.outputs['model-digest']).toBe((await digestModel(at('out/model'))).sha256);
    expect(step.summary).toMatch(/^### `toy` was trained in /);
    const late = await readFile(at('late.pid'), 'utf8');
    // Where nobody waits for it, it stays as a zombie.
    expect(await readFile(`/proc/${late}/stat`, 'latin1').catch(() => '')).toMatch(/^$|\) Z /);
    expect(step.stdout).toContain('GITHUB_OUTPUT, GITHUB_STEP_SUMMARY of this step');
  });
});

describe('the cache', () => {
  /** Files of the only entry in the local cache. */
  async function entry(): Promise<string> {
    const root = path.join(repository.root, 'cache', 'sluice', 'train');
    const [scope = ''] = await readdir(root);
    const [key = ''] = await readdir(path.join(root, scope, 'toy'));
    return path.join(root, scope, 'toy', key);
  }

  test('the same inputs are not trained twice; the statement still tells how the model was made', async () => {
    const first = await train({ env: RUN_1 });
    await rm(at('out'), { recursive: true });
    const second = await train({ env: { ...RUN_1, GITHUB_RUN_ID: '2' } });
    expect(await runs()).toBe(1);
    expect(second.outputs).toMatchObject({
      decision: 'pass',
      'cache-hit': 'true',
      'model-digest': first.outputs['model-digest'],
    });
    expect(await outFiles()).toEqual(WRITTEN);
    expect(second.result['message']).toContain('was not trained again');
    const statement = JSON.parse(await readFile(second.outputs['evidence'] ?? '', 'utf8')) as object;
    expect(statement).toMatchObject({
      predicate: {
        buildDefinition: {
          internalParameters: {
            'restored-from-cache': (second.result['cache'] as { key: string }).key,
            'restored-by': 'https://forge.example/acme/toy/actions/runs/2/attempts/1',
          },
        },
        runDetails: {
          metadata: { invocationId: 'https://forge.example/acme/toy/actions/runs/1/attempts/1' },
        },
      },
    });
  });

  const RUN_1 = {
    GITHUB_SERVER_URL: 'https://forge.example',
    GITHUB_REPOSITORY: 'acme/toy',
    GITHUB_RUN_ID: '1',
  };

  test.each([
    ['params', { 'params.yaml': 'depth: 4\n' }],
    ['data', { 'data.csv': 'a,b\n1,3\n' }],
    ['sources', { 'train.mjs': `${TRAIN}// changed\n` }],
    ['environment-files', { 'requirements.txt': 'x==2\n' }],
    ['dvc.lock', { 'dvc.lock': 'schema: "2.0"\n' }],
  ])('a change of %s trains again and is named', async (part, files) => {
    await train();
    await repository.write(files);
    const step = await train();
    expect(await runs()).toBe(2);
    expect(step.outputs['cache-hit']).toBe('false');
    expect(step.result['cache']).toMatchObject({ hit: false, changed: [part] });
    expect(step.stdout).toContain(`changed since the newest entry: ${part}`);
  });

  test('a change of the command or of nothing that matters', async () => {
    await train();
    await repository.write({ 'README.md': 'Changed.\n' });
    expect((await train()).outputs['cache-hit']).toBe('true');
    const step = await train({ inputs: { run: 'node train.mjs --more' } });
    expect(step.result['cache']).toMatchObject({ hit: false, changed: ['command'] });
  });

  test.each([
    [
      'a changed model',
      async (folder: string) => writeFile(path.join(folder, 'model', 'model', 'weights.bin'), 'poison'),
    ],
    ['a missing file', async (folder: string) => rm(path.join(folder, 'metrics', 'metrics.json'))],
    [
      'a link',
      async (folder: string) => symlink('/etc/hostname', path.join(folder, 'model', 'model', 'link')),
    ],
    ['no manifest', async (folder: string) => rm(path.join(folder, 'manifest.json'))],
    ['a broken manifest', async (folder: string) => writeFile(path.join(folder, 'manifest.json'), '{')],
  ])('an entry with %s is not used', async (_name, damage) => {
    const first = await train();
    await damage(await entry());
    const second = await train();
    expect(await runs()).toBe(2);
    expect(second.outputs).toMatchObject({
      decision: 'pass',
      'cache-hit': 'false',
      'model-digest': first.outputs['model-digest'],
    });
    expect(second.annotations.map(({ message }) => message).join('\n')).toContain('is damaged');
    expect((await train()).outputs['cache-hit']).toBe('true');
  });

  test('what the command writes beside its outputs is not kept until it is named, and then comes back', async () => {
    await repository.write({ 'train.mjs': `${TRAIN}fs.cpSync('data.csv', 'out/split/test.csv');` });
    const first = await train();
    expect(first.result['cache']).toMatchObject({ beside: ['out/split/test.csv'] });
    expect(first.summary).toContain('train.outputs');
    await rm(at('out'), { recursive: true });
    expect((await train()).outputs['cache-hit']).toBe('false');
    await repository.write({
      'sluice.yaml': CONFIG.replace('  metrics:', '  outputs: [out/split]\n  metrics:'),
    });
    await train();
    await rm(at('out'), { recursive: true });
    const hit = await train();
    expect(hit.outputs).toMatchObject({ decision: 'pass', 'cache-hit': 'true' });
    expect(await outFiles()).toEqual([...WRITTEN, 'split/test.csv']);
    const statement = JSON.parse(await readFile(hit.outputs['evidence'] ?? '', 'utf8')) as object;
    expect(statement).toHaveProperty(
      'predicate.runDetails.byproducts',
      expect.arrayContaining([{ name: 'out/split/test.csv', digest: { sha256: sha256('a,b\n1,2\n') } }]),
    );
  });

  test('a hit in a scheduled run is told in headline and message, with the way to a new model', async () => {
    await train();
    const step = await train({ env: { GITHUB_EVENT_NAME: 'schedule' } });
    expect(step.outputs).toMatchObject({ decision: 'pass', 'cache-hit': 'true' });
    expect(step.summary).toMatch(/^### `toy` was not trained again in this scheduled run\n/);
    expect(step.result['message']).toMatch(/in this scheduled run: .* set train\.cache to false/);
    await repository.write({ 'sluice.yaml': CONFIG.replace('  run:', '  cache: false\n  run:') });
    const next = await train({ env: { GITHUB_EVENT_NAME: 'schedule' } });
    expect(next.outputs['cache-hit']).toBe('false');
    expect(next.summary).toMatch(/^### `toy` was trained in [\d.]+ s\n/);
  });

  test('without sources, the files that git tracks count, as they are now', async () => {
    await repository.write({ 'sluice.yaml': CONFIG.replace('  sources: [train.mjs]\n', '') });
    await train();
    await repository.write({ 'untracked.txt': 'new' });
    expect((await train()).outputs['cache-hit']).toBe('true');
    await repository.write({ 'train.mjs': `${TRAIN}// changed\n` });
    expect((await train()).result['cache']).toMatchObject({ hit: false, changed: ['sources'] });
  });

  test('without sources and without git it is off', async () => {
    await repository.write({ 'sluice.yaml': CONFIG.replace('  sources: [train.mjs]\n', '') });
    await rm(at('.git'), { recursive: true });
    const step = await train();
    expect(step.outputs['decision']).toBe('pass');
    expect(step.result['cache']).toMatchObject({ off: expect.stringContaining('the code is not known') });
  });

  test('a folder of sources counts as a whole, without what Python writes into it', async () => {
    await repository.write({
      'sluice.yaml': CONFIG.replace('[train.mjs]', '[train.mjs, lib/]'),
      'lib/a.py': 'a',
    });
    await train();
    await repository.write({ 'lib/__pycache__/a.pyc': 'compiled' });
    expect((await train()).outputs['cache-hit']).toBe('true');
    await repository.write({ 'lib/deep/b.py': 'b' });
    expect((await train()).outputs['cache-hit']).toBe('false');
  });

  test('a failed run is never cached', async () => {
    const failing = 'node -e "process.exit(1)"';
    await train({ inputs: { run: failing } });
    expect((await train({ inputs: { run: failing } })).outputs['reason-code']).toBe('command-failed');
    await expect(readdir(path.join(repository.root, 'cache'))).rejects.toThrow('ENOENT');
  });

  test.each([
    ['switched off', { cache: 'false' }, 'switched off'],
    ['data is named for the test alone', {}, 'nobody says what the command is trained on'],
  ])('is off when %s', async (_name, inputs, why) => {
    if (!('cache' in inputs))
      await repository.write({
        'sluice.yaml': CONFIG.replace('data: {train: data.csv}', 'data: {test: data.csv}'),
      });
    await train({ inputs });
    const step = await train({ inputs });
    expect(await runs()).toBe(2);
    expect(step.result['cache']).toMatchObject({ hit: false, off: expect.stringContaining(why) });
    expect(step.stdout).toContain(why);
  });

  test('a folder it cannot write to costs a warning, not the model', async () => {
    await mkdir(path.join(repository.root, 'cache'));
    await writeFile(path.join(repository.root, 'cache', 'sluice'), 'a file where a folder should be');
    const step = await train();
    expect(step.outputs['decision']).toBe('pass');
    expect(step.annotations.map(({ message }) => message).join('\n')).toContain('was not cached');
  });
});

describe('bad input', () => {
  const config = (from: string, to: string): Record<string, string> => ({
    'sluice.yaml': CONFIG.replace(from, to),
  });

  test.each([
    ['a misspelt key', config('metrics:', 'metrcs:'), 'bad-config', "Did you mean 'metrics'?"],
    ['a wrong type', config('run: node train.mjs', 'run: 7'), 'bad-config', 'train.run: expected string'],
    ['an empty file', { 'sluice.yaml': '' }, 'bad-config', 'is empty'],
    [
      'a shell operator',
      config('node train.mjs', 'node train.mjs && ls'),
      'bad-config',
      "shell operator '&&'",
    ],
    ['a missing data file', config('data.csv', 'nope.csv'), 'missing-file', 'nope.csv'],
    [
      'a missing file of a list that may be left out',
      config('requirements.txt', 'conda.yaml'),
      'missing-file',
      'that an earlier step wrote it. Or leave train.environment-files out: it is optional.',
    ],
    ['a glob without match', config('data.csv', '"*.parquet"'), 'missing-file', '*.parquet'],
    ['a folder for a file', config('params: params.yaml', 'params: .git'), 'bad-input', 'is a directory'],
    ['broken params', { 'params.yaml': 'a: [' }, 'bad-config', 'params.yaml'],
    ['a path out of the workspace', config('out/model', '../model'), 'bad-input', 'leaves the workspace'],
    ['data outside', config('data.csv', '/etc/hostname'), 'bad-input', 'leaves the workspace'],
    ['the project as the model', config('out/model', '.'), 'bad-input', "the project's own folder"],
    ['an input among the outputs', config('out/model', 'data.csv'), 'bad-input', 'also an input'],
    [
      'two outputs at one path, one of them another',
      config('  predictions:', '  outputs: [out/model]\n  predictions:'),
      'bad-input',
      'are both',
    ],
    [
      'what the steps hand on as an output',
      config('  predictions:', '  outputs: [.sluice/evidence]\n  predictions:'),
      'bad-input',
      '.sluice is where the steps',
    ],
    [
      'a rule of the gate that can never be judged',
      { 'sluice.yaml': `${CONFIG}gate: {rules: [{metric: profit, min: 3}]}\n` },
      'bad-config',
      'whose better direction is not known',
    ],
    [
      'cases of the gate that are not there',
      { 'sluice.yaml': `${CONFIG}gate: {rules: [{must: stay-correct, cases: cases.txt}]}\n` },
      'missing-file',
      "cases of a rule is 'cases.txt'",
    ],
    [
      'a baseline that is none',
      { 'sluice.yaml': `${CONFIG}gate: {baseline: champoin}\n` },
      'bad-config',
      "The baseline source 'champoin' is not known",
    ],
    [
      'a command of the gate with a misspelt placeholder',
      { 'sluice.yaml': `${CONFIG}gate: {evaluate: 'python e.py {model}'}\n` },
      'bad-config',
      "gate.evaluate has the unknown placeholder '{model}'",
    ],
    ['two outputs at one path', config('out/metrics.json', 'out/model'), 'bad-input', 'are both'],
    ['a model name with a slash', config('model: toy', 'model: a/b'), 'bad-input', "'a/b' is not allowed"],
    ['a model name with a space', config('model: toy', 'model: a b'), 'bad-input', "'a b' is not allowed"],
    ['a model name with an emoji', config('model: toy', 'model: "🐢"'), 'bad-input', 'is not allowed'],
  ])('%s', async (_name, files, reason, text) => {
    await repository.write(files);
    await expectFailure(await train(), 'error', reason, text);
    expect(await runs()).toBe(0);
  });

  test.each([
    ['timeout', 'soon', "input 'timeout' is 'soon'"],
    ['cache', 'perhaps', "Input 'cache' is 'perhaps'"],
    ['config', 'nope.yaml', 'nope.yaml'],
  ])('input %s', async (name, value, text) => {
    const step = await train({ inputs: { [name]: value } });
    expect(step.outputs['decision']).toBe('error');
    expect(step.result['message']).toContain(text);
  });

  test.each([
    ['run:', 'No training command'],
    ['model-path:', 'No model path'],
  ])('without %s', async (key, text) => {
    await repository.write({
      'sluice.yaml': CONFIG.split('\n')
        .filter((line) => !line.includes(key))
        .join('\n'),
    });
    await expectFailure(await train(), 'error', 'bad-input', text);
  });
});

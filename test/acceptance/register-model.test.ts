import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rm, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { digestModel } from '@sluice/core/digest/model.ts';
import { provenanceStatement, testResultStatement, writeStatement } from '@sluice/core/evidence/statement.ts';
import { runStep, type StepResult } from '../support/action.ts';
import { serveGit, type GitServer } from '../support/git-server.ts';
import { createRepository, runGit, type TestRepository } from '../support/repository.ts';

jest.setTimeout(60_000);

const CONFIG = `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
`;
const DATA = 'd'.repeat(64);

let repository: TestRepository;
let store: string;
beforeEach(async () => {
  repository = await createRepository({ 'sluice.yaml': CONFIG, '.gitignore': 'out/\n.sluice/\n' });
  store = path.join(repository.root, 'store');
});
afterEach(() => repository.remove());

type Result = 'PASSED' | 'WARNED' | 'FAILED';

/** Leaves a model and evidence as train, validate-data and evaluate-gate do. Returns the model digest. */
async function train(
  weights: string,
  gate: Result | 'none' = 'PASSED',
  data: Result = 'PASSED',
): Promise<string> {
  await repository.write({
    'out/model/weights': weights,
    'out/model/meta/info.json': '{}',
    'out/metrics.json': '{"auc": 0.75, "time": {"fit": 12.5}}',
    '.sluice/gate/predictions.csv': 'id,label,prediction\n1,0,0\n',
    '.sluice/gate/gate.json':
      '{"metrics":{"auc":0.7512},"test-set-digest":null,"predictions":"predictions.csv"}',
  });
  const sha256 = (await digestModel(path.join(repository.workspace, 'out/model'))).sha256;
  const subject = [{ name: 'model:flight-delay', sha256 }];
  const folder = path.join(repository.workspace, '.sluice/evidence');
  const build = {
    buildType: 'https://example.com/train',
    externalParameters: {},
    resolvedDependencies: [{ name: 'train.csv', digest: { sha256: DATA } }],
  };
  await writeStatement(
    folder,
    'validate-data',
    testResultStatement([{ name: 'train.csv', sha256: DATA }], {
      result: data,
      configuration: [],
      failedTests: data === 'FAILED' ? ['range-dep-hour'] : [],
    }),
  );
  await writeStatement(
    folder,
    'train',
    provenanceStatement(subject, {
      buildDefinition: build,
      runDetails: { builder: { id: 'test' } },
    }),
  );
  if (gate !== 'none') {
    await writeStatement(
      folder,
      'evaluate-gate',
      testResultStatement(subject, {
        result: gate,
        configuration: [],
        failedTests: gate === 'FAILED' ? ['auc'] : [],
      }),
    );
  }
  return sha256;
}

interface More {
  readonly workspace?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly kill?: { signal: NodeJS.Signals; after: string };
}

function register(inputs: Readonly<Record<string, string>> = {}, more: More = {}): Promise<StepResult> {
  return runStep('register-model', {
    workspace: more.workspace ?? repository.workspace,
    inputs,
    env: { MODEL_STORE: store, GITHUB_ACTOR: 'ada', ...more.env },
    ...(more.kill === undefined ? {} : { kill: more.kill }),
  });
}

async function expectNothingWritten(): Promise<void> {
  expect(await repository.tags()).toEqual([]);
  expect(await repository.git('tag')).toBe('');
  await expect(readdir(store)).rejects.toThrow('ENOENT');
}

/** The step is red for this reason, says all of this, and left nothing. */
async function expectRefused(step: StepResult, reason: string, ...says: (string | RegExp)[]): Promise<void> {
  expect(step.outputs['reason-code']).toBe(reason);
  expect(step.code).toBe(1);
  const message = step.annotations.find((a) => a.level === 'error')?.message ?? '';
  for (const text of says) expect(message).toMatch(text);
  expect(step.stdout).not.toMatch(/^\s+at .*\.js:\d+/m);
  await expectNothingWritten();
}

describe('a model that passed its gate', () => {
  test('becomes the next version: bytes and evidence in the store, an annotated tag in the remote', async () => {
    const digest = await train('one');
    const step = await register();
    const uri = `dir:${store}/flight-delay/sha256/${digest}`;
    expect(step).toMatchObject({ code: 0, annotations: [] });
    expect(step.outputs).toMatchObject({
      decision: 'pass',
      'reason-code': 'ok',
      version: 'v1.0.0',
      tag: 'flight-delay@v1.0.0',
      'model-digest': digest,
      created: 'true',
      uri,
    });
    const entry = uri.slice('dir:'.length);
    expect(step.outputs['evidence']).toBe(path.join(entry, 'passport.jsonl'));
    expect((await readdir(entry)).sort()).toEqual([
      'entry.json',
      'gate.json',
      'metrics.json',
      'model',
      'passport.jsonl',
      'predictions.csv',
    ]);
    expect(JSON.parse(await readFile(path.join(entry, 'metrics.json'), 'utf8'))).toEqual({
      auc: 0.7512,
      'time.fit': 12.5,
    });
    expect((await readFile(path.join(entry, 'passport.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(3);
    const message = await repository.remoteGit('for-each-ref', '--format=%(contents)', 'refs/tags');
    expect(message).toMatch(/^flight-delay v1\.0\.0 was registered\.\n\n/);
    expect(message).toContain(
      `Model-Digest: sha256:${digest}\nPassport-Digest: sha256:${String(step.result['passport-digest'])}\nStore: dir:${store}\nMetrics: {"auc":0.7512,"time.fit":12.5}\nActor: ada\n`,
    );
    expect(await repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}')).toBe(
      await repository.git('rev-parse', 'HEAD'),
    );
    expect(step.summary).toContain('### register-model: flight-delay is registered as v1.0.0.');
    expect(step.summary).toContain('| evaluate-gate | passed | this model |');
    expect(step.summary).toContain('| validate-data | passed | data that went into it |');
    expect(await repository.git('tag')).toBe('');
  });

  test('is the same version when it is registered again, and other bytes of the commit are the next', async () => {
    const first = await train('one');
    await register();
    const again = await register();
    expect(again).toMatchObject({ code: 0, annotations: [] });
    expect(again.outputs).toMatchObject({
      decision: 'pass',
      'reason-code': 'already-registered',
      version: 'v1.0.0',
      created: 'false',
      'model-digest': first,
    });
    await train('two');
    const second = await register();
    expect(second.outputs).toMatchObject({ version: 'v2.0.0', created: 'true' });
    expect(await repository.tags()).toEqual(['flight-delay@v1.0.0', 'flight-delay@v2.0.0']);
    const head = await repository.git('rev-parse', 'HEAD');
    expect(await repository.remoteGit('rev-parse', 'flight-delay@v2.0.0^{commit}~1')).toBe(head);
    expect(await repository.remoteGit('diff', '--stat', head, 'flight-delay@v2.0.0')).toBe('');
    expect(await repository.remoteGit('rev-parse', 'main')).toBe(head);
  });

  test('takes the version or the part that is asked for', async () => {
    await train('one');
    expect((await register({ version: 'v1.4.0' })).outputs['version']).toBe('v1.4.0');
    await train('two');
    expect((await register({ bump: 'minor' })).outputs['version']).toBe('v1.5.0');
    await train('three');
    const taken = await register({ version: 'v1.4.0' });
    expect(taken.outputs).toMatchObject({ decision: 'fail', 'reason-code': 'version-exists' });
    expect(taken.annotations[0]?.message).toContain('v2.0.0');
    expect(await repository.tags()).toHaveLength(2);
  });

  test('is only described by a dry run', async () => {
    await train('one');
    const step = await register({ 'dry-run': 'true' });
    expect(step.outputs).toMatchObject({
      decision: 'pass',
      'reason-code': 'ok',
      version: 'v1.0.0',
      created: 'false',
    });
    expect(step.summary).toContain('Model-Digest: sha256:');
    await expectNothingWritten();
  });

  test('needs no sluice.yaml, and a single file will do', async () => {
    await repository.write({ 'sluice.yaml': 'version: 1\n', 'out/m.bin': 'bytes' });
    const sha256 = (await digestModel(path.join(repository.workspace, 'out/m.bin'))).sha256;
    await writeStatement(
      path.join(repository.workspace, 'ev'),
      'evaluate-gate',
      testResultStatement([{ name: 'model:m', sha256 }], { result: 'WARNED', configuration: [] }),
    );
    const step = await register({
      model: 'm',
      'model-path': 'out/m.bin',
      store: 'dir:../store',
      'evidence-path': 'ev',
    });
    expect(step.outputs).toMatchObject({
      decision: 'pass',
      version: 'v1.0.0',
      uri: `dir:${store}/m/sha256/${sha256}`,
    });
  });

  test('keeps the passport that was stored first when a run before it died after storing', async () => {
    const digest = await train('one');
    const refusing = 'exit 1';
    await repository.hook('pre-receive', refusing);
    expect((await register()).code).toBe(1);
    await repository.hook('pre-receive', 'exit 0');
    await train('one', 'WARNED');
    const step = await register();
    expect(step.outputs['created']).toBe('true');
    const passport = await readFile(
      path.join(store, 'flight-delay/sha256', digest, 'passport.jsonl'),
      'utf8',
    );
    expect(passport).not.toContain('WARNED');
    expect(step.result['passport-digest']).toBe(createHash('sha256').update(passport).digest('hex'));
  });

  test('is registered from a detached HEAD', async () => {
    await train('one');
    await repository.git('checkout', '--quiet', '--detach');
    expect((await register()).outputs['version']).toBe('v1.0.0');
  });

  test('is registered from a shallow clone behind the remote, whose history stays as it was', async () => {
    await train('one');
    const clone = await repository.clone('--depth=1');
    await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Go on');
    await repository.git('push', '--quiet');
    for (const folder of ['out', '.sluice']) {
      await cp(path.join(repository.workspace, folder), path.join(clone, folder), { recursive: true });
    }
    const step = await register({}, { workspace: clone });
    expect(step.outputs['version']).toBe('v1.0.0');
    expect(await repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}')).toBe(
      await runGit(clone, ['rev-parse', 'HEAD']),
    );
    expect(await runGit(clone, ['for-each-ref', 'refs/tags'])).toBe('');
  });

  test('is registered while metrics that are no numbers are named and left out', async () => {
    await train('one');
    await repository.write({
      'out/metrics.json': '{"auc": 0.5, "loss": NaN, "gain": -Infinity, "name": "forest"}',
      '.sluice/gate/gate.json': '{"metrics":{},"predictions":null}',
    });
    const step = await register();
    expect(step).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'metrics-left-out', version: 'v1.0.0' },
    });
    for (const name of ['loss', 'gain', 'name']) expect(step.annotations[0]?.message).toContain(`'${name}'`);
    expect(step.result['metrics']).toEqual({ auc: 0.5 });
  });
});

describe('evidence that does not vouch for the model', () => {
  test.each<[string, Result | 'none', Result, string, string]>([
    ['no gate statement', 'none', 'PASSED', 'evidence-missing', 'Run evaluate-gate'],
    ['a gate that failed', 'FAILED', 'PASSED', 'evidence-failed', 'auc'],
    ['data that failed', 'PASSED', 'FAILED', 'evidence-failed', 'range-dep-hour'],
  ])('is refused: %s', async (_what, gate, data, reason, says) => {
    await train('one', gate, data);
    const step = await register();
    expect(step.outputs['decision']).toBe('fail');
    await expectRefused(step, reason, says);
  });

  test('is refused: the bytes changed after the gate', async () => {
    const judged = await train('one');
    await repository.write({ 'out/model/weights': 'tampered' });
    await expectRefused(await register(), 'evidence-mismatch', judged);
  });

  test('is refused: a file that is no statement', async () => {
    await train('one');
    await repository.write({ '.sluice/evidence/evaluate-gate.json': '' });
    await expectRefused(await register(), 'bad-input', 'evaluate-gate.json');
  });
});

describe('bad input', () => {
  test.each<[string, Record<string, string>, string, RegExp]>([
    [
      'a misspelt key',
      { 'sluice.yaml': 'version: 1\nmodle: x\n' },
      'bad-config',
      /sluice\.yaml:2:1.*'model'/s,
    ],
    [
      'a wrong type',
      { 'sluice.yaml': 'version: 1\nmodel: 7\n' },
      'bad-config',
      /sluice\.yaml:2.*model.*string/s,
    ],
    ['an empty sluice.yaml', { 'sluice.yaml': '' }, 'bad-config', /empty/],
    ['an empty metrics file', { 'out/metrics.json': '' }, 'bad-input', /metrics\.json.*empty/],
    ['metrics that are a list', { 'out/metrics.json': '[1]' }, 'bad-input', /metrics/],
    ['an empty predictions file', { '.sluice/gate/predictions.csv': '' }, 'bad-input', /predictions.*empty/],
    ['a gate record that is none', { '.sluice/gate/gate.json': '{"metrics": 1}' }, 'bad-input', /gate\.json/],
  ])('%s', async (_what, files, reason, says) => {
    await train('one');
    await repository.write(files);
    await expectRefused(await register(), reason, says);
  });

  test.each<[string, Record<string, string>, string, RegExp]>([
    ['a missing model', { 'model-path': 'out/none' }, 'missing-file', /out\/none/],
    ['a path that leaves the workspace', { 'model-path': '../store' }, 'bad-input', /leaves the workspace/],
    ['a metrics file that is missing', { metrics: 'none.json' }, 'missing-file', /none\.json/],
    ['a directory where a file is meant', { metrics: 'out' }, 'bad-input', /directory.*file is needed/],
    ['a config that is missing', { config: 'other.yaml' }, 'missing-file', /other\.yaml/],
    ['a model name with a slash', { model: 'a/b' }, 'bad-input', /'a\/b'.*letters/],
    ['a model name with a space', { model: 'a b' }, 'bad-input', /'a b'/],
    ['a model name with an emoji', { model: '🚀' }, 'bad-input', /🚀/],
    ['a store of another kind', { store: 's3://bucket' }, 'bad-config', /s3:\/\/bucket.*dir:\/path/],
    ['a store with an unset name', { store: 'dir:${NOWHERE}' }, 'bad-config', /NOWHERE is not set/],
    ['a registry of another kind', { registry: 'mlflow' }, 'bad-input', /mlflow.*git/],
    ['a version that is none', { version: '2' }, 'bad-input', /'2'.*v2\.0\.0/],
    ['an unknown bump', { bump: 'huge' }, 'bad-input', /huge.*major, minor, patch/],
    ['version and bump', { bump: 'minor', version: 'v2.0.0' }, 'bad-input', /Set one/],
    ['a dry-run that is neither', { 'dry-run': 'yes' }, 'bad-input', /yes/],
  ])('%s', async (_what, inputs, reason, says) => {
    await train('one');
    await expectRefused(await register(inputs), reason, says);
  });

  test('an empty model, and one with a link', async () => {
    const model = path.join(repository.workspace, 'out/model');
    await mkdir(model, { recursive: true });
    await expectRefused(await register({ metrics: 'sluice.yaml' }), 'bad-input', /no files/);
    await repository.write({ 'out/metrics.json': '{}', 'out/model/weights': '' });
    await expectRefused(await register(), 'bad-input', /0 bytes/);
    await symlink('/etc/hostname', path.join(model, 'link'));
    await expectRefused(await register(), 'bad-input', /link/);
  });

  test('no git repository', async () => {
    await train('one');
    await rm(path.join(repository.workspace, '.git'), { recursive: true });
    const step = await register();
    expect(step.outputs['reason-code']).toBe('bad-config');
    expect(step.annotations[0]?.message).toContain('actions/checkout');
    await expect(readdir(store)).rejects.toThrow('ENOENT');
  });

  test('no remote', async () => {
    await train('one');
    await repository.git('remote', 'remove', 'origin');
    await expectRefused(await register(), 'bad-config', "no git remote 'origin'");
  });

  test('a remote that is not there', async () => {
    await train('one');
    await repository.git('remote', 'set-url', 'origin', path.join(repository.root, 'nowhere.git'));
    await expectRefused(await register(), 'bad-config', 'nowhere.git');
  });

  test('a remote that refuses the push', async () => {
    await train('one');
    await repository.hook('pre-receive', 'echo "tags are protected here" >&2; exit 1');
    const step = await register();
    expect(step.outputs['reason-code']).toBe('no-permission');
    expect(step.annotations[0]?.message).toMatch(/ruleset or hook.*tags are protected here/s);
    expect(await repository.tags()).toEqual([]);
    expect(await repository.git('tag')).toBe('');
  });

  test('a store that may not be written', async () => {
    await train('one');
    const step = await register({ store: 'dir:/sys/store' });
    await expectRefused(step, 'no-permission', '/sys/store');
  });
});

describe('others at work', () => {
  /** Before the push is taken, somebody else's tag is there. */
  const rival = (tag: string, trailers: string): Promise<void> =>
    repository.hook(
      'pre-receive',
      `git rev-parse --quiet --verify 'refs/tags/${tag}' >/dev/null && exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
tree=$(git rev-parse 'main^{tree}')
commit=$(echo rival | git -c user.name=r -c user.email=r@r commit-tree "$tree")
git -c user.name=r -c user.email=r@r tag -a -m "Rival

${trailers}" '${tag}' "$commit"`,
    );

  test('the next version is taken when a tag appeared meanwhile', async () => {
    await train('one');
    await rival('flight-delay@v1.0.0', 'Model-Digest: sha256:other');
    const step = await register();
    expect(step.outputs).toMatchObject({ 'reason-code': 'ok', version: 'v2.0.0', created: 'true' });
    expect(await repository.tags()).toEqual(['flight-delay@v1.0.0', 'flight-delay@v2.0.0']);
  });

  test('an explicit version that appeared meanwhile is superseded', async () => {
    await train('one');
    await rival('flight-delay@v3.0.0', 'Model-Digest: sha256:other');
    const step = await register({ version: 'v3.0.0' });
    expect(step.outputs).toMatchObject({ decision: 'fail', 'reason-code': 'superseded' });
    expect(await repository.tags()).toEqual(['flight-delay@v3.0.0']);
  });

  test('the same bytes that appeared meanwhile are already registered', async () => {
    const digest = await train('one');
    await rival('flight-delay@v1.0.0', `Model-Digest: sha256:${digest}`);
    const step = await register();
    expect(step.outputs).toMatchObject({
      'reason-code': 'already-registered',
      version: 'v1.0.0',
      created: 'false',
    });
    expect(await repository.tags()).toEqual(['flight-delay@v1.0.0']);
  });

  test('SIGTERM before the ledger is written leaves no tag and no half entry', async () => {
    const digest = await train('one');
    const step = await register({}, { kill: { signal: 'SIGTERM', after: 'Model flight-delay' } });
    expect(step.outputs['reason-code']).toBe('cancelled');
    expect(step.code).toBe(1);
    expect(await repository.tags()).toEqual([]);
    expect(await repository.git('tag')).toBe('');
    const left = await readdir(path.join(store, 'flight-delay/sha256')).catch(() => []);
    expect(left.filter((name) => name !== digest)).toEqual([]);
  });

  test('SIGTERM while the server thinks about the push: it ends, and the step says what is true', async () => {
    await train('one');
    await repository.hook('pre-receive', 'sleep 1');
    const step = await register({}, { kill: { signal: 'SIGTERM', after: 'Pushing' } });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', version: 'v1.0.0' } });
    expect(await repository.tags()).toEqual(['flight-delay@v1.0.0']);
  });
});

describe('a forge that asks for a token', () => {
  const TOKEN = 'ghs_0123456789abcdef';
  const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
  let server: GitServer;
  beforeEach(async () => {
    await repository.remoteGit('config', 'http.receivepack', 'true');
    server = await serveGit(repository.root, (authorization) => authorization === `basic ${BASIC}`);
    await repository.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
    await train('one');
  });
  afterEach(() => server.close());

  test('gets it, and no line of the log has it', async () => {
    const step = await register({ 'github-token': TOKEN }, { env: { GITHUB_SERVER_URL: server.origin } });
    expect(step.outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
    const lines = step.stdout.split('\n').filter((line) => line.includes(TOKEN) || line.includes(BASIC));
    expect(lines).toEqual([`::add-mask::${TOKEN}`]);
  });

  test.each([
    ['no token', ''],
    ['another token', 'ghs_other'],
  ])('and gets %s: the permissions to paste are printed', async (_what, token) => {
    const step = await register({ 'github-token': token }, { env: { GITHUB_SERVER_URL: server.origin } });
    await expectRefused(step, 'no-permission', /permissions:\n {2}contents: write/);
  });
});

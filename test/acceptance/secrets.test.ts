import { readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

/* Secrets that a workflow hands over in places where they are not hidden by themselves. */

const repositories: TestRepository[] = [];
afterEach(async () => {
  for (const repository of repositories.splice(0)) await repository.remove();
});

const TRAIN = `import json, os
os.makedirs('out', exist_ok=True)
open('out/model', 'w').write('x')
json.dump({'auc': 0.9}, open('out/metrics.json', 'w'))
`;

async function project(registry: string, more = ''): Promise<TestRepository> {
  const repository = await createRepository({
    '.gitignore': 'out/\n.sluice/\n',
    'train.csv': 'id,x\n1,2\n',
    't.py': TRAIN,
    'sluice.yaml': `version: 1
model: flight
data: {train: train.csv}
train: {model-path: out/model, metrics: out/metrics.json, sources: [t.py]}
gate: {baseline: [latest], rules: [{metric: auc, direction: higher, min: 0.5}]}
registry: ${registry}
${more}`,
  });
  repositories.push(repository);
  return repository;
}

/** All that a step shows or hands on, without the lines by which the runner is told what to hide. */
function shown({ stdout, summary, outputs }: StepResult): string {
  return [stdout.replace(/^::add-mask::.*$/gm, ''), summary, JSON.stringify(outputs)].join('\n');
}

/** The text of every file below a folder. */
async function stored(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  return (
    await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name), 'utf8')))
  ).join('\n');
}

it('a secret of the command line is in no statement, result, summary, store, cache or tag', async () => {
  const repository = await project("{type: git, store: 'dir:../store'}");
  const { workspace, root } = repository;
  const env = {
    HF_TOKEN: 'hf-Named1',
    DB_PASSWORD: 'postgres',
    SLUICE_TRAIN_CACHE: path.join(root, 'tools'),
  };
  const run =
    'python3 t.py --api-key S3CR3TARG --name hf-Named1 --remote https://user:Passw0rd@h/x postgres ghp_Interpolated0Interpolated0Interpolate';
  const steps = [await runStep('train', { workspace, inputs: { run }, env })];
  for (const action of ['evaluate-gate', 'register-model']) {
    const inputs: Record<string, string> = action === 'evaluate-gate' ? { comment: 'never' } : {};
    steps.push(await runStep(action, { workspace, inputs, env }));
  }
  expect(steps.map(({ outputs }) => outputs['decision'])).toEqual(['pass', 'pass', 'pass']);
  const provenance = await readFile(path.join(workspace, '.sluice', 'evidence', 'train.json'), 'utf8');
  expect(provenance).toContain(
    '"t.py","--api-key","***","--name","***","--remote","https://***@h/x","***","***"]',
  );
  const places = [
    ...steps.map(shown),
    await stored(path.join(workspace, '.sluice')),
    await stored(path.join(root, 'store')),
    await stored(path.join(root, 'tools')),
    await repository.remoteGit('for-each-ref', '--format=%(contents)'),
  ];
  for (const place of places) {
    expect(place.length).toBeGreaterThan(10);
    expect(place).not.toMatch(/S3CR3TARG|hf-Named1|Passw0rd|postgres|Interpolated/);
  }
});

it.each<[string, string, Record<string, string>]>([
  ['the git remote', "{type: git, store: 'dir:../store'}", {}],
  [
    'tracking-uri',
    "{type: mlflow, tracking-uri: 'http://user:Passw0rd@127.0.0.1:9', store: 'dir:../store'}",
    {},
  ],
  [
    'an expanded tracking-uri',
    "{type: mlflow, tracking-uri: 'http://127.0.0.1:9/${MY_SECRET}', store: 'dir:../store'}",
    {},
  ],
  [
    'a tracking-uri of no use',
    "{type: mlflow, tracking-uri: 'ftp://user:Passw0rd@h/x?token=Passw0rd', store: 'dir:../store'}",
    {},
  ],
  [
    'a tracking-uri without scheme',
    "{type: mlflow, tracking-uri: 'user:Passw0rd@h', store: 'dir:../store'}",
    {},
  ],
  [
    "the S3 server's address",
    '{type: git, store: s3://bucket/x}',
    { AWS_ENDPOINT_URL: 'http://k:Passw0rd@127.0.0.1:9' },
  ],
])('a login in %s is not shown', async (place, registry, more) => {
  const repository = await project(registry);
  const { workspace } = repository;
  const env = {
    MY_SECRET: 'Passw0rd',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_MAX_ATTEMPTS: '1',
    ...more,
  };
  await runStep('train', { workspace, inputs: { run: 'python3 t.py', cache: 'false' } });
  await runStep('evaluate-gate', {
    workspace,
    inputs: { comment: 'never' },
    env: { ...env, MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
  });
  if (place === 'the git remote')
    await repository.git('remote', 'set-url', 'origin', 'https://user:Passw0rd@127.0.0.1:9/x.git');
  const step = await runStep('register-model', { workspace, env });
  expect(step.outputs['decision']).toBe('error');
  expect(step.outputs['reason-code']).not.toBe('internal');
  expect(shown(step)).not.toMatch(/Passw0rd|dXNlcjpQYXNzdzByZA/);
});

it('a model server is named without a login, which is not shown', async () => {
  const repository = await project(
    "{type: git, store: 'dir:../store'}",
    "environments: {production: {target: {type: directory, path: ../production, url: 'http://user:Passw0rd@127.0.0.1:9'}}}\n",
  );
  const { workspace } = repository;
  await runStep('train', { workspace, inputs: { run: 'python3 t.py', cache: 'false' } });
  await runStep('evaluate-gate', { workspace, inputs: { comment: 'never' } });
  expect((await runStep('register-model', { workspace })).outputs['decision']).toBe('pass');
  const step = await runStep('deploy', { workspace, inputs: { environment: 'production' } });
  expect(step.outputs['reason-code']).toBe('bad-config');
  expect(shown(step)).toContain('http://127.0.0.1:9');
  expect(shown(step)).not.toContain('Passw0rd');
});

it('what steers a terminal or reorders text reaches neither log, result message, summary nor tag', async () => {
  const repository = await project("{type: git, store: 'dir:../store'}");
  const { workspace } = repository;
  const evil = 'a\u001b[2Jb\u202ec\u2067d\u009b31me';
  await runStep('train', { workspace, inputs: { run: 'python3 t.py', cache: 'false' } });
  const steps = [
    await runStep('evaluate-gate', { workspace, inputs: { comment: 'never', predictions: `${evil}.csv` } }),
    await runStep('evaluate-gate', {
      workspace,
      inputs: { comment: 'never' },
      env: { GITHUB_ACTOR: evil, GITHUB_REF_NAME: evil },
    }),
    await runStep('register-model', { workspace, env: { GITHUB_ACTOR: evil } }),
    await runStep('deploy', { workspace, inputs: { environment: evil } }),
  ];
  expect(steps.map(({ outputs }) => outputs['reason-code'])).toEqual([
    expect.stringMatching(/^(?:missing-file|bad-input)$/),
    'new-baseline',
    'ok',
    expect.stringMatching(/^bad-(?:input|config)$/),
  ]);
  // eslint-disable-next-line no-control-regex
  const hostile = /[\u001b\u009b\u202a-\u202e\u2066-\u2069]/;
  for (const step of steps) {
    expect([step.stdout, step.summary, step.result['message']].join('\n')).not.toMatch(hostile);
  }
  expect(await repository.remoteGit('for-each-ref', '--format=%(contents)')).not.toMatch(hostile);
});

import { afterEach, expect, jest, test } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import { startProject } from '@sluice/testing/project.ts';
import { expectRefused } from '@sluice/testing/refused.ts';
import { besideModel, replaceBeside } from '@sluice/testing/stored-file.ts';
import { startProduction } from '@sluice/testing/production.ts';

jest.setTimeout(60_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const MAIN = 'acme/flights/.github/workflows/pipeline.yml@refs/heads/main';
const GITHUB = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/flights' };

interface Run {
  readonly workflow: string;
  readonly daysAgo: number;
}

/** What the actions write about the run; the statements of the test projects say nothing about it. */
function withRun(line: string, { workflow, daysAgo }: Run): string {
  const statement = JSON.parse(line) as { predicate: Record<string, unknown> };
  const finishedOn = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
  statement.predicate['runDetails'] = {
    builder: { id: `https://github.com/${workflow}` },
    metadata: { finishedOn },
  };
  return `${JSON.stringify(statement)}\n`;
}

const config = (evidence: string): string => `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
evidence: ${evidence}
`;

test.each<[string, string, Run, string, RegExp]>([
  [
    'data is not tested',
    '{require: [gate, data]}',
    { workflow: MAIN, daysAgo: 0 },
    'evidence-missing',
    /evidence\.require/,
  ],
  [
    'another workflow wrote it',
    '{trusted-workflows: .github/workflows/pipeline.yml@refs/heads/main}',
    { workflow: MAIN.replace('main', 'dev'), daysAgo: 0 },
    'evidence-mismatch',
    /refs\/heads\/dev, which is not one of evidence\.trusted-workflows/,
  ],
  [
    'it is too old',
    '{max-age: 30d}',
    { workflow: MAIN, daysAgo: 31 },
    'evidence-failed',
    /31\.0 days ago.*allows 30 days/,
  ],
])('register-model refuses evidence: %s', async (_what, evidence, run, reason, says) => {
  const project = await startProject(config(evidence));
  cleanups.push(() => project.repository.remove());
  await project.train('one');
  for (const action of ['evaluate-gate', 'train', 'validate-data']) {
    const file = path.join(project.repository.workspace, `.sluice/evidence/${action}.json`);
    await writeFile(file, withRun(await readFile(file, 'utf8'), run));
  }
  if (reason === 'evidence-missing')
    await rm(path.join(project.repository.workspace, '.sluice/evidence/validate-data.json'));
  await expectRefused(project, await project.register({}, { env: GITHUB }), reason, says);
});

test('register-model takes evidence that is all a policy asks for', async () => {
  const project = await startProject(
    config('{require: [gate], trusted-workflows: [.github/workflows/pipeline.yml], max-age: 30d}'),
  );
  cleanups.push(() => project.repository.remove());
  await project.train('one');
  for (const action of ['evaluate-gate', 'train', 'validate-data']) {
    const file = path.join(project.repository.workspace, `.sluice/evidence/${action}.json`);
    await writeFile(file, withRun(await readFile(file, 'utf8'), { workflow: MAIN, daysAgo: 29 }));
  }
  expect((await project.register({}, { env: GITHUB })).outputs).toMatchObject({ 'reason-code': 'ok' });
});

test('deploy refuses what its policy does not allow, and says what a person accepted', async () => {
  const production = await startProduction();
  cleanups.push(() => production.remove());
  const { digest } = await production.register({ bias: 1 });
  const entry = path.join(production.store, 'flight-delay/sha256', digest);
  const passport = await besideModel(entry, 'passport.jsonl');
  const text = withRun(await readFile(passport, 'utf8'), { workflow: MAIN, daysAgo: 10 });
  const accepted = JSON.parse(text) as { predicate: Record<string, unknown> };
  accepted.predicate['result'] = 'WARNED';
  accepted.predicate['failedTests'] = ['auc'];
  accepted.predicate['acknowledged'] = {
    by: 'ada',
    at: '2026-04-30T10:00:00.000Z',
    label: 'l',
    numbers: 'x',
  };
  const changed = `${JSON.stringify(accepted)}\n`;
  await replaceBeside(entry, 'passport.jsonl', changed);
  const { repository } = production;
  const tag = 'flight-delay@v1.0.0';
  const commit = await repository.remoteGit('rev-parse', `${tag}^{commit}`);
  const message = await repository.remoteGit('for-each-ref', '--format=%(contents)', `refs/tags/${tag}`);
  await repository.remoteGit('tag', '--delete', tag);
  const sha256 = createHash('sha256').update(changed).digest('hex');
  await repository.tag(tag, {
    commit,
    time: new Date(),
    message: message.replace(/(?<=Passport-Digest: sha256:)[0-9a-f]+/, sha256),
  });
  const file = path.join(repository.workspace, 'sluice.yaml');
  const plain = await readFile(file, 'utf8');
  const deploy = async (evidence: string) => {
    await writeFile(file, `${plain}evidence: ${evidence}\n`);
    return production.run('deploy', {}, { env: GITHUB });
  };
  expect((await deploy('{max-age: 9d}')).outputs['reason-code']).toBe('evidence-failed');
  expect((await deploy('{trusted-workflows: [other/x.yml]}')).outputs['reason-code']).toBe(
    'evidence-mismatch',
  );
  expect((await deploy('{require: [data]}')).outputs['reason-code']).toBe('evidence-missing');
  expect((await production.served()).version).toBeNull();
  const step = await deploy(`{max-age: 11d, trusted-workflows: ['${MAIN}']}`);
  expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
  expect(step.summary).toContain(
    'The gate of this model failed (auc), and that was accepted by ada on 2026-04-30.',
  );
});

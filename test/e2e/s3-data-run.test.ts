import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { StepResult } from '@sluice/testing/action.ts';
import {
  dataProject,
  flights,
  put,
  schemaErrors,
  type DataProject,
} from '@sluice/testing/s3/data-project.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
  await s3.makeBucket('data');
});
afterAll(() => s3?.stop());

/** Counts the rows of all files in a folder, as a training that reads whatever is there. */
const TRAIN = `
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
const folder = process.env.SLUICE_DATA + '/data/' + process.argv[2];
const rows = readdirSync(folder).flatMap((name) => readFileSync(folder + '/' + name, 'utf8').trim().split('\\n').slice(1));
mkdirSync('out', { recursive: true });
writeFileSync('out/model', String(rows.length));
writeFileSync('out/metrics.json', JSON.stringify({ rows: rows.length }));
`;
/** Predicts every row of the test set right. */
const EVALUATE = `
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
const folder = process.env.SLUICE_DATA + '/data/' + process.argv[2];
const rows = readdirSync(folder).flatMap((name) => readFileSync(folder + '/' + name, 'utf8').trim().split('\\n').slice(1));
writeFileSync(process.argv[3], 'id,label,prediction\\n' + rows.map((_, id) => id + ',' + (id % 2) + ',' + (id % 2) + '\\n').join(''));
`;

const repositories: TestRepository[] = [];
afterAll(() => Promise.all(repositories.map((repository) => repository.remove())));

async function pipeline(prefix: string): Promise<DataProject & { repository: TestRepository }> {
  const repository = await createRepository({ '.gitignore': '.sluice/\nout/\n' });
  repositories.push(repository);
  const project = await dataProject(
    s3,
    `train: 's3://data/${prefix}/train/*.csv', test: 's3://data/${prefix}/test/*.csv'`,
    `train: {run: node train.mjs ${prefix}/train, sources: train.mjs, model-path: out/model, metrics: out/metrics.json}
gate: {evaluate: 'node evaluate.mjs ${prefix}/test {predictions}', rules: [{metric: accuracy, min: 0.9}]}
registry: {type: git, store: 'dir:${repository.root}/store'}
`,
    repository.workspace,
  );
  await project.write('train.mjs', TRAIN);
  await project.write('evaluate.mjs', EVALUATE);
  await put(s3, 'data', `${prefix}/train/a.csv`, flights(3));
  await put(s3, 'data', `${prefix}/test/a.csv`, flights(4));
  await repository.commit('Train on data in S3');
  return { ...project, repository };
}

const rowsOf = ({ result }: StepResult): unknown => (result['metrics'] as { rows?: number }).rows;

test('the steps of one run see one state of the bucket, and the next run sees the next', async () => {
  const project = await pipeline('one');
  const env = { GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1' };
  expect((await project.run('validate-data', { env })).outputs['rows']).toBe('7');
  await put(s3, 'data', 'one/train/a.csv', flights(30));
  await put(s3, 'data', 'one/train/b.csv', flights(5));
  await put(s3, 'data', 'one/test/a.csv', flights(40));
  const trained = await project.run('train', { env, inputs: { cache: 'false' } });
  expect(rowsOf(trained)).toBe(3);
  expect(trained.summary).toContain('as they were when this run looked first');
  const judged = await project.run('evaluate-gate', { env });
  expect(judged.outputs['decision']).toBe('pass');
  expect(await readFile(path.join(project.workspace, '.sluice/gate/predictions.csv'), 'utf8')).toMatch(
    /^3,/m,
  );
  expect(await readFile(path.join(project.workspace, '.sluice/gate/predictions.csv'), 'utf8')).not.toMatch(
    /^4,/m,
  );

  const next = await project.run('train', {
    env: { ...env, GITHUB_RUN_ATTEMPT: '2' },
    inputs: { cache: 'false' },
  });
  expect(rowsOf(next)).toBe(35);
});

test('what the lock file pins is what is trained on, and provenance, tag and summary name the versions', async () => {
  const project = await pipeline('two');
  expect((await project.run('validate-data', { inputs: { 'write-lock': 'true' } })).outputs['decision']).toBe(
    'pass',
  );
  await put(s3, 'data', 'two/train/b.csv', flights(5));
  await rm(path.join(project.workspace, '.sluice'), { recursive: true });
  const trained = await project.run('train', { inputs: { cache: 'false' } });
  expect(rowsOf(trained)).toBe(3);
  expect(await readdir(path.join(project.workspace, '.sluice/data/data/two/train'))).toEqual(['a.csv']);
  expect(await schemaErrors('train.result.schema.json', trained.result)).toBeNull();
  const input = (trained.result['inputs'] as { uri?: string; 'version-id'?: string }[]).find(
    ({ uri }) => uri === 's3://data/two/train/a.csv',
  );
  expect(input?.['version-id']).toMatch(/./);
  const statement = JSON.parse(await readFile(trained.outputs['evidence'] ?? '', 'utf8')) as {
    predicate: { buildDefinition: { resolvedDependencies: unknown[] } };
  };
  expect(statement.predicate.buildDefinition.resolvedDependencies).toContainEqual(
    expect.objectContaining({
      name: '.sluice/data/data/two/train/a.csv',
      uri: 's3://data/two/train/a.csv',
      annotations: { role: 'data', 'version-id': input?.['version-id'] },
    }),
  );
  expect(trained.summary).toContain('  s3://data/two/train/a.csv?versionId=');

  expect((await project.run('evaluate-gate')).outputs['decision']).toBe('pass');
  const registered = await project.run('register-model');
  expect(registered.outputs['version']).toBe('v1.0.0');
  const address = `s3://data/two/train/a.csv?versionId=${input?.['version-id']}`;
  const tag = await project.repository.remoteGit('tag', '--list', '--format=%(contents)', 'delay@v1.0.0');
  expect(tag).toContain(`"${address}":"sha256:`);
  expect(registered.summary).toContain(`\`${address}\``);
});

test('a thousand objects come side by side, equal ones once', async () => {
  const project = await pipeline('many');
  // The server shows what lies in its folder; a thousand uploads would take most of the time.
  const folder = path.join(s3.folder, 'data/data/many/train');
  for (let n = 0; n < 1000; n++) await writeFile(path.join(folder, `${n}.csv`), flights(1 + (n % 3)));
  const trained = await project.run('train', { inputs: { cache: 'false' } });
  expect(rowsOf(trained)).toBe(3 + 1999);
  expect(await readdir(path.join(project.workspace, '.sluice/data/data/many/train'))).toHaveLength(1001);
  // Contents of one, two, three and four rows.
  expect(await readdir(path.join(project.workspace, '.sluice/cache/data'))).toHaveLength(4);
});

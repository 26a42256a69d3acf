import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startProduction, type Production } from '@sluice/testing/production.ts';
import { writeTestModel, type TestModel } from '@sluice/testing/model-server.ts';
import { leaveEvidence } from '@sluice/testing/project.ts';
import { besideModel } from '@sluice/testing/stored-file.ts';
import type { StepResult } from '@sluice/testing/action.ts';

/* A team without golden predictions of its own: register-model asks the model, and deploy asks the server the same. */

jest.setTimeout(60_000);

/** Answers what the server of a model would, so that no model server is needed to register one. */
const PREDICT = `import { readFileSync, writeFileSync } from 'node:fs';
const [, , model, requests, answers] = process.argv;
const { bias } = JSON.parse(readFileSync(model + '/model.json', 'utf8'));
const lines = readFileSync(requests, 'utf8').trim().split('\\n');
const known = process.env.SAY ? [process.env.SAY] : lines.map((line) => JSON.stringify({ prediction: JSON.parse(line).x + bias }));
writeFileSync(answers, known.join('\\n'));
`;

let production: Production;
beforeAll(async () => {
  production = await startProduction();
  const { repository, store } = production;
  await repository.write({
    'predict.mjs': PREDICT,
    'requests.jsonl': '{"x": 1}\n{"x": 2.5}\n',
    '.gitignore': 'out/\n.sluice/\n',
  });
  await production.configure({
    verify: '{timeout: 60s}',
    registry: `{type: git, store: 'dir:${store}', golden: {requests: requests.jsonl, predict: 'node predict.mjs {model-path} {requests} {answers}'}}`,
  });
  await repository.commit('Record golden requests');
});
afterAll(() => production.remove());

/** Trains and registers a model as a pipeline does. */
async function register(model: TestModel, env: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const { repository } = production;
  await repository.commit(`Train ${model.bias}`);
  await writeTestModel(path.join(repository.workspace, 'out/model'), model);
  await leaveEvidence(repository);
  return production.run('register-model', { 'model-path': 'out/model' }, { env });
}

const storedGolden = (digest: string | undefined): Promise<string> =>
  besideModel(path.join(production.store, 'flight-delay/sha256', digest ?? ''), 'golden.jsonl');

describe('golden requests', () => {
  test('are recorded with the answers of the model, and named by the tag', async () => {
    const step = await register({ bias: 1 });
    expect(step).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    const { golden } = step.result as { golden: { requests: number; digest: string } };
    expect(golden.requests).toBe(2);
    const recorded = await readFile(await storedGolden(step.outputs['model-digest']), 'utf8');
    expect(recorded).toBe(
      '{"input":{"x": 1},"output":{"prediction":2}}\n{"input":{"x": 2.5},"output":{"prediction":3.5}}\n',
    );
    const tag = await production.repository.remoteGit('for-each-ref', '--format=%(contents)', 'refs/tags');
    expect(tag).toContain(`\nGolden-Digest: sha256:${golden.digest}\n`);
    expect(step.summary).toContain("**Golden requests**: 2, with the model's own answers");
  });

  test('verify a deployment and a rollback, though verify.golden names nothing', async () => {
    const first = await production.run('deploy');
    expect(first).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
    expect(first.result['verification']).toContainEqual(
      expect.objectContaining({ check: 'golden', verdict: 'pass', cases: 2 }),
    );
    await register({ bias: 2 });
    expect((await production.run('deploy')).outputs).toMatchObject({
      'reason-code': 'ok',
      version: 'v2.0.0',
    });
    const back = await production.run('rollback', { reason: 'bad' });
    expect(back.outputs).toMatchObject({ decision: 'pass', 'reason-code': 'ok', version: 'v1.0.0' });
    expect(back.result['message']).toMatch(/verified after .* \(.*golden.*\)/);
  });

  test('stop a server that answers otherwise than the model did', async () => {
    await register({ bias: 3, faults: { status: 500 } });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'rolled-back', version: 'v3.0.0' } });
    expect(step.result['message']).toContain('golden.jsonl of v3.0.0:1');
    expect((await production.served()).version).toBe('v1.0.0');
  });

  test('that were changed or lost stop a deployment before anything moves, and no rollback', async () => {
    const { outputs } = await register({ bias: 4 });
    const file = await storedGolden(outputs['model-digest']);
    await writeFile(file, '{"input": {"x": 1}, "output": {}}\n');
    const changed = await production.run('deploy');
    expect(changed).toMatchObject({ code: 1, outputs: { 'reason-code': 'evidence-mismatch' } });
    await rm(file);
    const lost = await production.run('deploy');
    expect(lost).toMatchObject({ code: 1, outputs: { 'reason-code': 'missing-file' } });
    expect((await production.served()).version).toBe('v1.0.0');

    // Registering the same bytes again is the way out that the message names.
    await writeTestModel(path.join(production.repository.workspace, 'out/model'), { bias: 4 });
    await leaveEvidence(production.repository);
    const again = await production.run('register-model', { 'model-path': 'out/model' });
    expect(again.outputs).toMatchObject({ 'reason-code': 'restored', version: 'v4.0.0' });
    expect((await production.run('deploy')).outputs['reason-code']).toBe('ok');

    await rm(await storedGolden((await production.ledger()).versions[0]?.modelDigest));
    const back = await production.run('rollback', { reason: 'bad' });
    expect(back).toMatchObject({ code: 0, outputs: { 'reason-code': 'not-verified', version: 'v1.0.0' } });
    expect(back.result['message']).toContain('golden.jsonl (sha256:');
  });

  test.each([
    ['{"prediction": 1}', 'wrote 1 answers to 2 requests'],
    ['NaN', 'not JSON in line 1'],
  ])('answered by %s are refused, and nothing is registered', async (said, message) => {
    const step = await register({ bias: 5 }, { SAY: said });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'command-failed' } });
    expect(step.result['message']).toContain(message);
    expect((await production.ledger()).versions).toHaveLength(4);
  });
});

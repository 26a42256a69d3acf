import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { StepResult } from '@sluice/testing/action.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';
import { runGit } from '@sluice/testing/repository.ts';

jest.setTimeout(60_000);

let production: Production;
beforeEach(async () => {
  production = await startProduction();
});
afterEach(() => production.remove());

const inWorkspace = (...names: string[]): string => path.join(production.repository.workspace, ...names);

/** Runs the step with what a job of its own has: nothing that says where the server is. */
function fetchModel(inputs: Readonly<Record<string, string>> = {}, workspace?: string): Promise<StepResult> {
  return production.run('fetch-model', inputs, workspace === undefined ? {} : { workspace });
}

/** The step is red for this reason, says all of this, and left nothing. */
async function expectRefused(
  step: StepResult,
  reason: string,
  ...says: readonly (string | RegExp)[]
): Promise<void> {
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': reason } });
  const message = step.annotations.find(({ level }) => level === 'error')?.message ?? '';
  for (const text of says) expect(message).toMatch(text);
  expect(await readdir(inWorkspace())).toEqual(['.git', 'README.md', 'sluice.yaml']);
}

describe('a version', () => {
  test('that is live comes into a folder, verified; again is nothing to do', async () => {
    const first = await production.register({ bias: 1 });
    await production.register({ bias: 2 });
    expect(await production.run('deploy', { version: 'v1.0.0' })).toMatchObject({ code: 0 });

    const step = await fetchModel({ environment: 'production', path: 'image/model' });
    expect(step).toMatchObject({
      code: 0,
      outputs: {
        decision: 'pass',
        'reason-code': 'ok',
        version: 'v1.0.0',
        'model-digest': first.digest,
        path: inWorkspace('image', 'model'),
      },
      result: { environment: 'production', version: 'v1.0.0', files: 2 },
    });
    expect(step.outputs['evidence']).toContain('passport.jsonl');
    expect(step.summary).toMatch(
      /^### `flight-delay` `v1\.0\.0` is in 'image\/model'\n\n\*\*2 files, .* It is live in production\.\*\*\n\n`image\/model`: model `sha256:/,
    );
    expect(JSON.parse(await readFile(inWorkspace('image/model/model.json'), 'utf8'))).toEqual({ bias: 1 });
    expect(await readdir(inWorkspace('image'))).toEqual(['model']);

    const again = await fetchModel({ environment: 'production', path: 'image/model' });
    expect(again).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'already-there' } });
  });

  test('that is named comes into an empty folder of a checkout without history, files and tags', async () => {
    const { repository } = production;
    await repository.commit('Configure');
    await production.register({ bias: 1 });
    const { digest } = await production.register({ bias: 2 });
    await repository.commit('Go on');
    const workspace = await repository.clone(
      '--depth=1',
      '--no-tags',
      '--filter=blob:none',
      '--sparse',
      '--branch=main',
    );
    await runGit(workspace, ['checkout', '--quiet', '--detach']);
    await mkdir(path.join(workspace, 'model'));
    const step = await fetchModel({ version: 'v2.0.0' }, workspace);
    expect(step).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok', 'model-digest': digest } });
    expect(step.result).not.toHaveProperty('environment');
    expect(JSON.parse(await readFile(path.join(workspace, 'model/model.json'), 'utf8'))).toEqual({ bias: 2 });
    expect(await runGit(workspace, ['tag', '--list'])).toBe('');
  });

  test('that was rolled back, or whose model is deprecated, comes with a warning', async () => {
    await production.register({ bias: 1 });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
    await production.register({ bias: 2 });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
    expect(await production.run('rollback', { reason: 'predicts nonsense' })).toMatchObject({ code: 0 });

    const step = await fetchModel({ version: 'v2.0.0', path: 'bad' });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'quarantined' } });
    expect(step.summary).toContain('v2.0.0, which is quarantined in production');

    await tagByHand('flight-delay@deprecated', 'v1.0.0');
    const live = await fetchModel({ path: 'good' });
    expect(live).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'deprecated', version: 'v1.0.0' },
    });

    await tagByHand('flight-delay@v2.0.0!', 'v2.0.0');
    expect(await fetchModel({ version: 'v2.0.0', path: 'gone' })).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'unknown-version' },
    });
  });
});

/** As `gto` does; later than the ledger's own tags, which may be dated some seconds ahead. */
async function tagByHand(name: string, version: string): Promise<void> {
  const { repository } = production;
  const commit = await repository.remoteGit('rev-parse', `flight-delay@${version}^{commit}`);
  await repository.tag(name, { commit, time: new Date(Date.now() + 60_000), message: 'by hand' });
}

describe('nothing comes', () => {
  test('of an environment where nothing is live, and what is said there helps', async () => {
    await expectRefused(
      await fetchModel({ environment: 'staging' }),
      'nothing-live',
      'register one with register-model first',
    );
    await production.register({ bias: 1 });
    await expectRefused(await fetchModel({ environment: 'staging' }), 'nothing-live', /such as v1\.0\.0/);
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
    await expectRefused(
      await fetchModel({ environment: 'staging' }),
      'nothing-live',
      /Live: production \(v1\.0\.0\)\. Set the input 'environment'/,
    );
    // What the messages say.
    expect(await fetchModel({ version: 'v1.0.0' })).toMatchObject({ code: 0 });
    expect(await fetchModel({ environment: 'production', path: 'other' })).toMatchObject({ code: 0 });
  });

  test('of a version that is not known, of two wishes at once, and of none', async () => {
    await production.register({ bias: 1 });
    await expectRefused(
      await fetchModel({ version: 'v9.0.0' }),
      'unknown-version',
      'has no version v9.0.0. Registered: v1.0.0.',
    );
    await expectRefused(
      await fetchModel({ environment: 'production', version: 'v1.0.0' }),
      'bad-input',
      'are both set',
    );
    await production.repository.write({ 'sluice.yaml': 'version: 1\nmodel: flight-delay\n' });
    await expectRefused(await fetchModel(), 'bad-input', /Neither input 'environment' nor 'version'/);
    expect(await fetchModel({ version: 'v1.0.0' })).toMatchObject({ code: 0 });
  });

  test.each<[string, (entry: string) => Promise<void>, string]>([
    [
      'bytes were changed',
      (entry) => writeFile(path.join(entry, 'model/model.json'), '{"bias": 9}\n'),
      'evidence-mismatch',
    ],
    ['bytes are gone', (entry) => rm(entry, { recursive: true }), 'missing-file'],
    [
      'passport is gone',
      (entry) => rm(path.join(entry, 'companions'), { recursive: true }),
      'evidence-missing',
    ],
  ])('whose %s', async (_, harm, reason) => {
    const { digest } = await production.register({ bias: 1 });
    await harm(path.join(production.store, 'flight-delay/sha256', digest));
    await expectRefused(await fetchModel({ version: 'v1.0.0' }), reason);
  });

  test('that no gate vouches for, or whose gate failed', async () => {
    await production.register({ bias: 1, gate: 'none' });
    await expectRefused(await fetchModel({ version: 'v1.0.0' }), 'evidence-missing', /evaluate-gate/);
    await production.register({ bias: 2, gate: 'FAILED' });
    await expectRefused(await fetchModel({ version: 'v2.0.0' }), 'evidence-failed', /gate/);
  });

  test('into a folder with something else in it, or through a link; what is there stays', async () => {
    await production.register({ bias: 1 });
    await production.repository.write({ 'model/notes.txt': 'ours' });
    const taken = await fetchModel({ version: 'v1.0.0' });
    expect(taken).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'path-taken' } });
    expect(await readFile(inWorkspace('model/notes.txt'), 'utf8')).toBe('ours');
    expect(await readdir(inWorkspace('model'))).toEqual(['notes.txt']);

    await mkdir(inWorkspace('elsewhere'));
    await symlink('elsewhere', inWorkspace('link'));
    const linked = await fetchModel({ version: 'v1.0.0', path: 'link/model' });
    expect(linked).toMatchObject({ code: 1, outputs: { 'reason-code': 'bad-input' } });
    expect(linked.annotations[0]?.message).toContain("'link' in");
    expect(await readdir(inWorkspace('elsewhere'))).toEqual([]);
  });
});

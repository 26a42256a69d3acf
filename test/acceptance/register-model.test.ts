import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { digestModel } from '@sluice/core/digest/model.ts';
import { testResultStatement, writeStatement } from '@sluice/core/evidence/statement.ts';
import { ACCEPTED } from '@sluice/testing/production.ts';
import { leaveEvidence, startProject, type Project } from '@sluice/testing/project.ts';
import { expectNothingWritten } from '@sluice/testing/refused.ts';
import { besideModel } from '@sluice/testing/stored-file.ts';
import { runGit } from '@sluice/testing/repository.ts';

jest.setTimeout(60_000);

let project: Project;
beforeEach(async () => {
  project = await startProject();
});
afterEach(() => project.repository.remove());

describe('a model that passed its gate', () => {
  test('becomes the next version: bytes and evidence in the store, an annotated tag in the remote', async () => {
    const digest = await project.train('one');
    const step = await project.register();
    const uri = `dir:${project.store}/flight-delay/sha256/${digest}`;
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
    expect((await readdir(entry)).sort()).toEqual(['companions', 'entry.json', 'model']);
    const names = ['README.md', 'gate.json', 'metrics.json', 'passport.jsonl', 'predictions.csv'];
    const beside = await Promise.all(names.map((name) => besideModel(entry, name)));
    const [cardFile = '', , metricsFile = '', passportFile = ''] = beside;
    expect(await readdir(path.join(entry, 'companions'))).toHaveLength(names.length);
    for (const file of beside)
      expect(path.basename(path.dirname(file))).toBe(
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      );
    expect(step.outputs['evidence']).toBe(passportFile);
    expect(JSON.parse(await readFile(metricsFile, 'utf8'))).toEqual({ auc: 0.7512, 'time.fit': 12.5 });
    expect((await readFile(passportFile, 'utf8')).trim().split('\n')).toHaveLength(3);
    const message = await project.repository.remoteGit('for-each-ref', '--format=%(contents)', 'refs/tags');
    expect(message).toMatch(/^flight-delay v1\.0\.0 was registered\.\n\n/);
    const metrics = createHash('sha256').update(await readFile(metricsFile));
    expect(message).toContain(
      `Model-Digest: sha256:${digest}\nPassport-Digest: sha256:${String(step.result['passport-digest'])}\nStore: dir:${project.store}\nMetrics: {"auc":0.7512,"time.fit":12.5}\nMetrics-Digest: sha256:${metrics.digest('hex')}\n`,
    );
    const card = await readFile(cardFile, 'utf8');
    expect(card).toMatch(/^---\nmodel_name: "flight-delay"\n.*## Intended use\n\nPlanning\.\n/s);
    const cardDigest = createHash('sha256').update(card).digest('hex');
    expect(message).toContain(`\nModel-Card: README.md sha256:${cardDigest}\n`);
    expect(await project.repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}')).toBe(
      await project.repository.git('rev-parse', 'HEAD'),
    );
    expect(step.summary).toContain('### `flight-delay` `v1.0.0` is registered');
    expect(step.summary).toContain('| evaluate-gate | passed | this model |');
    expect(step.summary).toContain('<summary>Lineage of flight-delay v1.0.0</summary>');
    expect(step.summary).toContain('- **Data**: `train.csv` sha256:');
    expect(message).toContain(`\nCode: ${'c'.repeat(40)}\nData: {"train.csv":"sha256:`);
    expect(message).toContain(`\nTest-Set: sha256:${'e'.repeat(64)} md5:${'d'.repeat(32)}\n`);
    expect(step.summary).toContain(`- **Test set**: \`sha256:eeeeeeeeeeee…\` \`md5:${'d'.repeat(32)}\``);
    expect(message).toContain('\nActor: ada\n');
    expect(message).toContain('\nParameters: {"split.by":"month","trees":"10"}\n');
    expect(step.summary).toContain('| validate-data | passed | data that went into it |');
    expect(await project.repository.git('tag')).toBe('');
  });

  test('shows that its gate failed and who accepted that', async () => {
    await project.train('weights', 'WARNED');
    const file = path.join(project.repository.workspace, '.sluice/evidence/evaluate-gate.json');
    const statement = JSON.parse(await readFile(file, 'utf8')) as { predicate: object };
    const predicate = { ...statement.predicate, acknowledged: ACCEPTED };
    await writeFile(file, JSON.stringify({ ...statement, predicate }));
    const step = await project.register();
    expect(step.code).toBe(0);
    expect(step.summary.replaceAll('\\', '')).toContain(
      '| evaluate-gate | failed, accepted by ada on 2026-01-02 (pull request 7) | this model |',
    );
  });

  test('is the same version when it is registered again, and other bytes of the commit are the next', async () => {
    const first = await project.train('one');
    await project.register();
    const again = await project.register();
    expect(again).toMatchObject({ code: 0, annotations: [] });
    expect(again.outputs).toMatchObject({
      decision: 'pass',
      'reason-code': 'already-registered',
      version: 'v1.0.0',
      created: 'false',
      'model-digest': first,
    });
    await project.train('two');
    const second = await project.register();
    expect(second.outputs).toMatchObject({ version: 'v2.0.0', created: 'true' });
    expect(await project.repository.tags()).toEqual(['flight-delay@v1.0.0', 'flight-delay@v2.0.0']);
    const head = await project.repository.git('rev-parse', 'HEAD');
    expect(await project.repository.remoteGit('rev-parse', 'flight-delay@v2.0.0^{commit}~1')).toBe(head);
    expect(await project.repository.remoteGit('diff', '--stat', head, 'flight-delay@v2.0.0')).toBe('');
    expect(await project.repository.remoteGit('rev-parse', 'main')).toBe(head);
  });

  test('takes the version or the part that is asked for', async () => {
    await project.train('one');
    expect((await project.register({ version: 'v1.4.0' })).outputs['version']).toBe('v1.4.0');
    await project.train('two');
    expect((await project.register({ bump: 'minor' })).outputs['version']).toBe('v1.5.0');
    await project.train('three');
    const taken = await project.register({ version: 'v1.4.0' });
    expect(taken.outputs).toMatchObject({ decision: 'fail', 'reason-code': 'version-exists' });
    expect(taken.annotations[0]?.message).toContain('v2.0.0');
    expect(await project.repository.tags()).toHaveLength(2);
  });

  test('is only described by a dry run', async () => {
    await project.train('one');
    const step = await project.register({ 'dry-run': 'true' });
    expect(step.outputs).toMatchObject({
      decision: 'pass',
      'reason-code': 'ok',
      version: 'v1.0.0',
      created: 'false',
    });
    expect(step.summary).toContain('Model-Digest: sha256:');
    await expectNothingWritten(project);
  });

  test('needs no sluice.yaml, and a single file will do', async () => {
    await project.repository.write({ 'sluice.yaml': 'version: 1\n', 'out/m.bin': 'bytes' });
    const sha256 = (await digestModel(path.join(project.repository.workspace, 'out/m.bin'))).sha256;
    await writeStatement(
      project.repository.workspace,
      'ev',
      'evaluate-gate',
      testResultStatement([{ name: 'model:m', sha256 }], { result: 'WARNED', configuration: [] }),
      { commit: await project.repository.git('rev-parse', 'HEAD') },
    );
    const step = await project.register({
      model: 'm',
      'model-path': 'out/m.bin',
      store: 'dir:../store',
      'evidence-path': 'ev',
    });
    expect(step.outputs).toMatchObject({
      decision: 'pass',
      version: 'v1.0.0',
      uri: `dir:${project.store}/m/sha256/${sha256}`,
    });
  });

  test('has the evidence of the run that registers it, when a run before it died after storing', async () => {
    const digest = await project.train('one');
    await project.repository.hook('pre-receive', 'exit 1');
    expect((await project.register()).code).toBe(1);
    await project.repository.hook('pre-receive', 'exit 0');
    await project.train('one', 'WARNED');
    const step = await project.register();
    expect(step.outputs['created']).toBe('true');
    const named = String(step.result['passport-digest']);
    const beside = path.join(project.store, 'flight-delay/sha256', digest, 'companions');
    const passport = await readFile(path.join(beside, named, 'passport.jsonl'), 'utf8');
    expect(step.outputs['evidence']).toBe(path.join(beside, named, 'passport.jsonl'));
    expect(passport).toContain('WARNED');
    expect(createHash('sha256').update(passport).digest('hex')).toBe(named);
    const message = await project.repository.remoteGit(
      'for-each-ref',
      '--format=%(contents)',
      'refs/tags/flight-delay@v1.0.0',
    );
    const predictions = createHash('sha256')
      .update(await readFile(path.join(project.repository.workspace, '.sluice/gate/predictions.csv')))
      .digest('hex');
    expect(message).toContain(`Predictions: predictions.csv sha256:${predictions}`);
  });

  test.each(['gate.json', 'metrics.json', 'passport.jsonl'])(
    'is refused when the %s that a run before it stored was changed since, and is its own',
    async (name) => {
      const digest = await project.train('one');
      await project.repository.hook('pre-receive', 'exit 1');
      expect((await project.register()).code).toBe(1);
      await project.repository.hook('pre-receive', 'exit 0');
      const file = await besideModel(path.join(project.store, 'flight-delay/sha256', digest), name);
      await writeFile(file, 'changed');
      const step = await project.register();
      expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'evidence-mismatch' } });
      expect(step.annotations[0]?.message).toContain(`The stored file ${file} was changed`);
      expect(await project.repository.tags()).toEqual([]);
    },
  );

  test('is registered from a detached HEAD', async () => {
    await project.train('one');
    await project.repository.git('checkout', '--quiet', '--detach');
    expect((await project.register()).outputs['version']).toBe('v1.0.0');
  });

  test('is registered from a shallow clone behind the remote, whose history stays as it was', async () => {
    await project.train('one');
    const clone = await project.repository.clone('--depth=1');
    await project.repository.git('commit', '--quiet', '--allow-empty', '--message', 'Go on');
    await project.repository.git('push', '--quiet');
    for (const folder of ['out', '.sluice']) {
      await cp(path.join(project.repository.workspace, folder), path.join(clone, folder), {
        recursive: true,
      });
    }
    const step = await project.register({}, { workspace: clone });
    expect(step.outputs['version']).toBe('v1.0.0');
    expect(await project.repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}')).toBe(
      await runGit(clone, ['rev-parse', 'HEAD']),
    );
    expect(await runGit(clone, ['for-each-ref', 'refs/tags'])).toBe('');
  });

  test('is registered while metrics that are no numbers are named and left out', async () => {
    await project.train('one');
    await project.repository.write({
      'out/metrics.json': '{"auc": 0.5, "loss": NaN, "gain": -Infinity, "name": "forest"}',
      '.sluice/gate/gate.json': '{"metrics":{},"predictions":null}',
    });
    await leaveEvidence(project.repository);
    const step = await project.register();
    expect(step).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'metrics-left-out', version: 'v1.0.0' },
    });
    for (const name of ['loss', 'gain', 'name']) expect(step.annotations[0]?.message).toContain(`'${name}'`);
    expect(step.result['metrics']).toEqual({ auc: 0.5 });
  });
});

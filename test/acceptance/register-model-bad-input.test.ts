import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { leaveEvidence, startProject, type Project, type Result } from '@sluice/testing/project.ts';
import { expectRefused } from '@sluice/testing/refused.ts';

jest.setTimeout(60_000);

let project: Project;
beforeEach(async () => {
  project = await startProject();
});
afterEach(() => project.repository.remove());

describe('evidence that does not vouch for the model', () => {
  test.each<[string, Result | 'none', Result, string, string]>([
    ['no gate statement', 'none', 'PASSED', 'evidence-missing', 'Run evaluate-gate'],
    ['a gate that failed', 'FAILED', 'PASSED', 'evidence-failed', 'auc'],
    ['data that failed', 'PASSED', 'FAILED', 'evidence-failed', 'range-dep-hour'],
  ])('is refused: %s', async (_what, gate, data, reason, says) => {
    await project.train('one', gate, data);
    const step = await project.register();
    expect(step.outputs['decision']).toBe('fail');
    await expectRefused(project, step, reason, says);
  });

  test('is refused: the bytes changed after the gate', async () => {
    const judged = await project.train('one');
    await project.repository.write({ 'out/model/weights': 'tampered' });
    await expectRefused(project, await project.register(), 'evidence-mismatch', judged);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      "a number of the gate's record",
      {
        '.sluice/gate/gate.json':
          '{"metrics":{"auc":0.7513},"test-set-digest":null,"predictions":"predictions.csv"}',
      },
      /gate\.json was changed/,
    ],
    [
      'a row of the predictions',
      { '.sluice/gate/predictions.csv': 'id,label,prediction\n1,0,1\n' },
      /predictions\.csv was changed/,
    ],
    [
      'a number that the training logged',
      { 'out/metrics.json': '{"auc": 0.75, "time": {"fit": 12.4}}' },
      /out\/metrics\.json\) was changed/,
    ],
  ])('is refused: %s changed after the gate', async (_what, files, says) => {
    await project.train('one');
    await project.repository.write(files);
    await expectRefused(project, await project.register(), 'evidence-mismatch', says);
  });

  test('is refused: predictions that no gate saw', async () => {
    await project.train('one');
    await project.repository.write({ 'mine.csv': 'id,label,prediction\n1,0,0\n1,1,1\n' });
    const step = await project.register({ predictions: 'mine.csv' });
    await expectRefused(project, step, 'evidence-mismatch', /mine\.csv was changed/);
  });

  test('is refused: a file that is no statement', async () => {
    await project.train('one');
    await project.repository.write({ '.sluice/evidence/evaluate-gate.json': '' });
    await expectRefused(project, await project.register(), 'bad-input', 'evaluate-gate.json');
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
    await project.train('one');
    await project.repository.write(files);
    await leaveEvidence(project.repository);
    await expectRefused(project, await project.register(), reason, says);
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
    ['a store of another kind', { store: 'gs://bucket' }, 'bad-config', /gs:\/\/bucket.*dir:\/path/],
    ['a store with an unset name', { store: 'dir:${NOWHERE}' }, 'bad-config', /NOWHERE is not set/],
    ['a registry of another kind', { registry: 'wandb' }, 'bad-input', /wandb.*git.*mlflow/],
    ['an MLflow registry without an address', { registry: 'mlflow' }, 'bad-config', /MLFLOW_TRACKING_URI/],
    [
      'a version of its own with MLflow',
      { registry: 'mlflow', version: 'v2.0.0' },
      'bad-input',
      /from MLflow/,
    ],
    ['a bump with MLflow', { registry: 'mlflow', bump: 'minor' }, 'bad-input', /'minor'.*from MLflow/],
    ['a version that is none', { version: '2' }, 'bad-input', /'2'.*v2\.0\.0/],
    ['an unknown bump', { bump: 'huge' }, 'bad-input', /huge.*major, minor, patch/],
    ['version and bump', { bump: 'minor', version: 'v2.0.0' }, 'bad-input', /Set one/],
    ['a dry-run that is neither', { 'dry-run': 'yes' }, 'bad-input', /yes/],
  ])('%s', async (_what, inputs, reason, says) => {
    await project.train('one');
    await expectRefused(project, await project.register(inputs), reason, says);
  });

  test('an empty model, and one with a link', async () => {
    const model = path.join(project.repository.workspace, 'out/model');
    await mkdir(model, { recursive: true });
    await expectRefused(project, await project.register({ metrics: 'sluice.yaml' }), 'bad-input', /no files/);
    await project.repository.write({ 'out/metrics.json': '{}', 'out/model/weights': '' });
    await expectRefused(project, await project.register(), 'bad-input', /0 bytes/);
    await symlink('/etc/hostname', path.join(model, 'link'));
    await expectRefused(project, await project.register(), 'bad-input', /link/);
  });

  test('no git repository', async () => {
    await project.train('one');
    await rm(path.join(project.repository.workspace, '.git'), { recursive: true });
    const step = await project.register();
    expect(step.outputs['reason-code']).toBe('bad-config');
    expect(step.annotations[0]?.message).toContain('actions/checkout');
    await expect(readdir(project.store)).rejects.toThrow('ENOENT');
  });

  test('no remote', async () => {
    await project.train('one');
    await project.repository.git('remote', 'remove', 'origin');
    await expectRefused(project, await project.register(), 'bad-config', "no git remote 'origin'");
  });

  test('a remote that is not there', async () => {
    await project.train('one');
    await project.repository.git(
      'remote',
      'set-url',
      'origin',
      path.join(project.repository.root, 'nowhere.git'),
    );
    await expectRefused(project, await project.register(), 'bad-config', 'nowhere.git');
  });

  test('a remote that refuses the push', async () => {
    await project.train('one');
    await project.repository.hook('pre-receive', 'echo "tags are protected here" >&2; exit 1');
    const step = await project.register();
    expect(step.outputs['reason-code']).toBe('no-permission');
    expect(step.annotations[0]?.message).toMatch(/ruleset or hook.*tags are protected here/s);
    expect(await project.repository.tags()).toEqual([]);
    expect(await project.repository.git('tag')).toBe('');
  });

  test('a store that may not be written', async () => {
    await project.train('one');
    const step = await project.register({ store: 'dir:/sys/store' });
    await expectRefused(project, step, 'no-permission', '/sys/store');
  });
});

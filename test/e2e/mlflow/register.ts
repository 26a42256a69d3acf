/* eslint-disable jest/no-export -- a suite that runs against the server of mlflow.test.ts */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cp, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { askPython } from '@sluice/testing/mlflow/python.ts';
import { startSetting, type Setting } from './setting.ts';

/** Where MLflow has what lies beside a model: under its own digest. */
const under = (name: string): unknown => expect.stringMatching(`^sluice/[0-9a-f]{64}/${name}$`);

/** Everything that MLflow's own client says about a version. */
const DESCRIBE = `
import json, sys, mlflow
client = mlflow.MlflowClient()
version = client.get_model_version(sys.argv[1], sys.argv[2])
run = client.get_run(version.run_id)
model_id = version.source.removeprefix("models:/")
model = mlflow.get_logged_model(model_id)
def names(folder):
    for entry in client.list_artifacts(version.run_id, folder):
        if entry.is_dir:
            yield from names(entry.path)
        else:
            yield entry.path
print(json.dumps({
    "status": run.info.status,
    "params": run.data.params,
    "metrics": run.data.metrics,
    "tags": run.data.tags,
    "inputs": [[i.dataset.name, i.dataset.digest, i.tags[0].value] for i in run.inputs.dataset_inputs],
    "outputs": [o.model_id == model_id for o in run.outputs.model_outputs],
    "files": sorted(names("sluice"), key=lambda path: path.rsplit("/", 1)[-1]),
    "model": [model.status.value, {m.key: m.value for m in model.metrics}],
    "version": [version.status, version.source.startswith("models:/m-"), version.tags],
}))
`;

export function registerTests(url: () => string): void {
  let setting: Setting;
  beforeEach(async () => {
    setting = await startSetting(url());
  });
  afterEach(() => setting.project.repository.remove());
  const versionsIn = async (): Promise<[string, string | undefined][]> =>
    (await setting.rest.versions(setting.name)).map((v) => [v.version, v.tags['sluice.ledger-tag']]);
  const ledger = (): Promise<string[]> => setting.project.repository.tags();

  describe('what register-model leaves in MLflow', () => {
    test('is what its own client reads: run, parameters, metrics, data, commit, model, version', async () => {
      const env = {
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'acme/flights',
        GITHUB_RUN_ID: '7',
        GITHUB_REF_NAME: 'main',
      };
      const digest = await setting.project.train('one', undefined, undefined, env);
      const step = await setting.register({}, { env });
      expect(step.outputs).toMatchObject({ 'reason-code': 'ok', version: 'v1.0.0', created: 'true' });
      expect(step.result['mlflow']).toMatchObject({ version: '1', uri: `models:/${setting.name}/1` });
      const commit = await setting.project.repository.git('rev-parse', 'HEAD');
      expect(await askPython(DESCRIBE, url(), [setting.name, '1'])).toMatchObject({
        status: 'FINISHED',
        params: { trees: '10', 'split.by': 'month' },
        metrics: { auc: 0.7512, 'time.fit': 12.5 },
        tags: {
          'mlflow.source.git.commit': commit,
          'mlflow.source.git.branch': 'main',
          'mlflow.source.git.repoURL': 'https://github.com/acme/flights',
          'mlflow.user': 'ada',
          'sluice.model-digest': digest,
          'sluice.data.train.csv': 'd'.repeat(64),
        },
        inputs: expect.arrayContaining([
          ['train.csv', 'd'.repeat(36), 'training'],
          ['test.csv', 'e'.repeat(36), 'evaluation'],
        ]),
        outputs: [true],
        files: [
          under('README.md'),
          'sluice/entry.json',
          ...['gate.json', 'metrics.json', 'passport.jsonl', 'predictions.csv'].map(under),
        ],
        model: ['READY', { auc: 0.7512, 'time.fit': 12.5 }],
        version: [
          'READY',
          true,
          { 'sluice.model-digest': digest, 'sluice.ledger-tag': 'flight-delay@v1.0.0' },
        ],
      });
    });

    test('is the same after a second run for the same bytes', async () => {
      await setting.project.train('one');
      await setting.register();
      const again = await setting.register();
      expect(again.outputs).toMatchObject({
        decision: 'pass',
        'reason-code': 'already-registered',
        version: 'v1.0.0',
      });
      expect(await versionsIn()).toEqual([['1', 'flight-delay@v1.0.0']]);
      expect(await setting.rest.runs(setting.name)).toHaveLength(1);
    });
  });

  describe('version N of MLflow is vN.0.0 of the ledger', () => {
    test('when somebody else made versions in MLflow', async () => {
      await setting.rest.send('POST', 'registered-models/create', { name: setting.name });
      for (let i = 0; i < 2; i++)
        await setting.rest
          .send('POST', 'model-versions/create', {
            name: setting.name,
            source: 'mlflow-artifacts:/1/models/m-0/artifacts',
          })
          .catch(async () =>
            setting.rest.send('POST', 'model-versions/create', {
              name: setting.name,
              source: 's3://elsewhere/model',
            }),
          );
      await setting.project.train('one');
      expect((await setting.register()).outputs['version']).toBe('v3.0.0');
      expect((await versionsIn()).at(-1)).toEqual(['3', 'flight-delay@v3.0.0']);
    });

    test('when the ledger is ahead of MLflow', async () => {
      for (const weights of ['one', 'two']) {
        await setting.project.train(weights);
        await setting.register({ registry: 'git', store: `dir:${setting.project.store}` });
      }
      await setting.project.train('three');
      expect((await setting.register()).outputs['version']).toBe('v3.0.0');
      expect(await versionsIn()).toEqual([['3', 'flight-delay@v3.0.0']]);
    });

    test('when the ledger refuses the tag and a later run goes on', async () => {
      await setting.project.train('one');
      await setting.project.repository.hook('pre-receive', 'echo protected; exit 1');
      expect((await setting.register()).outputs['decision']).toBe('error');
      expect(await ledger()).toEqual([]);
      await rm(path.join(setting.project.repository.remote, 'hooks/pre-receive'));
      expect((await setting.register()).outputs).toMatchObject({ 'reason-code': 'ok', version: 'v1.0.0' });
      expect(await versionsIn()).toEqual([['1', 'flight-delay@v1.0.0']]);
      expect(await setting.rest.runs(setting.name)).toHaveLength(1);
    });

    test('when several runs race with different bytes, and with the same', async () => {
      const { repository } = setting.project;
      const places = await Promise.all([0, 1, 2].map(() => repository.clone()));
      for (const [index, place] of places.entries()) {
        await setting.project.train(index === 2 ? 'b' : 'a');
        for (const name of ['out', '.sluice', 'sluice.yaml'])
          await cp(path.join(repository.workspace, name), path.join(place, name), { recursive: true });
      }
      const steps = await Promise.all(places.map((workspace) => setting.register({}, { workspace })));
      expect(steps.map((step) => step.annotations)).toEqual([[], [], []]);
      expect(steps[0]?.outputs['version']).toBe(steps[1]?.outputs['version']);
      const tags = await ledger();
      expect(tags).toHaveLength(2);
      const inMlflow = (await versionsIn()).filter(([, tag]) => tag !== undefined);
      expect(inMlflow.map(([version]) => `flight-delay@v${version}.0.0`).sort()).toEqual([...tags].sort());
      expect(inMlflow.map(([, tag]) => tag).sort()).toEqual([...tags].sort());
    });

    test('when MLflow lost the model: a run for the same bytes puts it back under its number', async () => {
      for (const weights of ['one', 'two']) {
        await setting.project.train(weights);
        await setting.register();
      }
      await setting.rest.send('DELETE', 'registered-models/delete', { name: setting.name });
      const again = await setting.register();
      expect(again.outputs).toMatchObject({
        decision: 'pass',
        'reason-code': 'already-registered',
        version: 'v2.0.0',
      });
      expect(await versionsIn()).toEqual([['2', 'flight-delay@v2.0.0']]);
    });

    test('or the step warns, when another model has the number', async () => {
      await setting.project.train('one');
      await setting.register({ registry: 'git', store: `dir:${setting.project.store}` });
      await setting.rest.send('POST', 'registered-models/create', { name: setting.name });
      await setting.rest.send('POST', 'model-versions/create', {
        name: setting.name,
        source: 's3://elsewhere/model',
      });
      const again = await setting.register();
      expect(again.outputs).toMatchObject({
        decision: 'warn',
        'reason-code': 'registry-behind',
        version: 'v1.0.0',
      });
      expect(again.annotations[0]?.message).toMatch(/version 1 of .* is another model .*delete that version/);
    });
  });
}

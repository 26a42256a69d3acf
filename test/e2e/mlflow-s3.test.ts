import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { sha256File } from '@sluice/core/digest/files.ts';
import { openMlflow } from '@sluice/core/mlflow/api.ts';
import { uploadFile } from '@sluice/core/mlflow/artifacts.ts';
import { placeOf } from '@sluice/core/mlflow/place.ts';
import { downloadFile } from '@sluice/core/mlflow/download.ts';
import { readConnection } from '@sluice/core/mlflow/connection.ts';
import { startProxy, type FaultyProxy } from '@sluice/testing/mlflow/proxy.ts';
import { restOf } from '@sluice/testing/mlflow/rest.ts';
import { startMlflow, type StartedServer } from '@sluice/testing/mlflow/server.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

let s3: S3Server;
let mlflow: StartedServer;
let proxy: FaultyProxy;
beforeAll(async () => {
  s3 = await startS3();
  await s3.makeBucket('bucket');
  mlflow = await startMlflow(['--artifacts-destination', 's3://bucket/served'], {
    MLFLOW_S3_ENDPOINT_URL: s3.url,
    ...s3.env,
  });
  proxy = await startProxy(mlflow.url);
});
afterAll(async () => {
  await proxy?.close();
  await mlflow?.stop();
  await s3?.stop();
});

test('a large file goes in parts to the storage behind the server, and comes back the same', async () => {
  const folder = await temporaryFolder('parts');
  const file = path.join(folder, 'weights.bin');
  await writeFile(file, randomBytes(150_000_000));
  const api = openMlflow(readConnection(proxy.url, { MLFLOW_S3_ENDPOINT_URL: s3.url }));
  const place = placeOf('mlflow-artifacts:/1/models/m-1/artifacts', { model_id: 'm-1' });
  await uploadFile(api, place, 'deep/weights.bin', file);
  const calls = proxy.seen.map(({ call }) => call.replace(/^(\w+) .*?\/mlflow-artifacts/, '$1 '));
  expect(calls).toEqual([
    'POST /mpu/create/1/models/m-1/artifacts/deep',
    'POST /mpu/complete/1/models/m-1/artifacts/deep',
  ]);
  const back = path.join(folder, 'back.bin');
  await downloadFile(api, place, { name: 'deep/weights.bin', to: back, size: { bytes: 150_000_000 } });
  expect(await sha256File(back)).toBe(await sha256File(file));
});

test('an experiment that lies in S3 itself gets files at addresses that the server signs', async () => {
  const rest = restOf(mlflow.url);
  const location = { name: 'direct', artifact_location: 's3://bucket/direct' };
  const { experiment_id: id } = (await rest.send('POST', 'experiments/create', location)) as {
    experiment_id: string;
  };
  const { run } = (await rest.send('POST', 'runs/create', { experiment_id: id, start_time: 1 })) as {
    run: { info: { run_id: string; artifact_uri: string } };
  };
  const folder = await temporaryFolder('signed');
  const file = path.join(folder, 'metrics.json');
  await writeFile(file, '{"auc": 0.75}');
  const api = openMlflow(readConnection(proxy.url, { MLFLOW_S3_ENDPOINT_URL: s3.url }));
  const place = placeOf(run.info.artifact_uri, { run_id: run.info.run_id });
  expect(place.kind).toBe('signed');
  const elsewhere = uploadFile(openMlflow(readConnection(proxy.url, {})), place, 'sluice/metrics.json', file);
  await expect(elsewhere).rejects.toThrow(`wants a file of the model sent to ${s3.url}, which is neither`);
  await uploadFile(api, place, 'sluice/metrics.json', file);
  const back = path.join(folder, 'back.json');
  await downloadFile(api, place, { name: 'sluice/metrics.json', to: back, size: { most: 1000 } });
  expect(await sha256File(back)).toBe(await sha256File(file));
});

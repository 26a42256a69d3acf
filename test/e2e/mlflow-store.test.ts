import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestModel } from '@sluice/core/digest/model.ts';
import { findPublication } from '@sluice/core/store/mlflow/publication.ts';
import { MODEL_FOLDER } from '@sluice/core/mlflow/mlmodel.ts';
import { openSite, type Publication } from '@sluice/core/mlflow/site.ts';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeStore, type Stored } from '../contract/store.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { openAt } from '@sluice/testing/store-address.ts';
import { startRelay, type CuttingRelay } from '@sluice/testing/cutter.ts';
import { startMlflow, type StartedServer } from '@sluice/testing/mlflow/server.ts';

let server: StartedServer;
let proxy: CuttingRelay;
let refusing: Server;
beforeAll(async () => {
  server = await startMlflow();
  proxy = await startRelay(server.url);
  refusing = createServer((request, response) => {
    request.resume();
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end('{"error_code":"PERMISSION_DENIED","message":"no"}');
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  refusing.close();
  await proxy.close();
  await server.stop();
});

let count = 0;
const loopback = (port: number): string => `http://127.0.0.1:${port}`;

/** Where the server itself keeps the files of a publication. */
const onDisk = (place: Publication['modelPlace']): string => {
  if (place.kind !== 'served') throw new Error('the server passes files on');
  return path.join(server.folder, 'artifacts', place.folder);
};

async function fresh() {
  const name = `store-${++count}`;
  const env = { MLFLOW_TRACKING_URI: proxy.url, SLUICE_TEST_NAME: name };
  const site = openSite({ trackingUri: server.url, experiment: name, name }, {});
  const published = ({ model, digest }: Stored) => findPublication(site, model, digest);
  const existing = async (at: Stored): Promise<Publication> => {
    const found = await published(at);
    if (found === undefined) throw new Error('it was not published');
    return found;
  };
  const file = async (at: Stored, name: string): Promise<string> =>
    path.join(onDisk((await existing(at)).modelPlace), MODEL_FOLDER, name);
  return {
    uri: 'mlflow:',
    env,
    changeFile: async (at: Stored, name: string) => writeFile(await file(at, name), 'changed'),
    removeFile: async (at: Stored, name: string) => unlink(await file(at, name)),
    describeAnew: async (at: Stored, text: string) =>
      writeFile(path.join(onDisk((await existing(at)).runPlace), 'sluice/entry.json'), text),
    async hasBegun(at: Stored) {
      const found = await published(at);
      if (found === undefined) return false;
      const folder = onDisk(found.modelPlace);
      return existsSync(folder) && (await readdir(folder)).length > 0;
    },
    close: async () => undefined,
  };
}

describeStore({
  scheme: 'mlflow',
  fresh,
  oneWinner: false,
  manyFiles: 300,
  longestPath: 600,
  refusedNames: {
    'hash#question?star*': /no file whose name has a #.*Rename it/,
    'new\nline': /a line break.*Rename it/,
  },
  refuseWriting: {
    use: async ({ env }) => ({
      uri: 'mlflow:',
      env: { ...env, MLFLOW_TRACKING_URI: loopback((refusing.address() as AddressInfo).port) },
    }),
  },
  refuseReading: {
    use: async ({ env }) => ({
      uri: 'mlflow:',
      env: { ...env, MLFLOW_TRACKING_URI: loopback((refusing.address() as AddressInfo).port) },
    }),
  },
  fill: { cannot: "the disk is the server's, which answers with an error of its own" },
  describeHugely: { cannot: 'half a gigabyte through the server takes too long' },
  cutter: { use: () => proxy },
  resumes: true,
});

test('an upload that broke off goes on with the files that are not there yet', async () => {
  const store = await fresh();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-upload-'));
  for (let i = 0; i < 40; i++) await writeFile(path.join(folder, `part-${i}`), Buffer.alloc(200_000, i));
  const at = { model: 'm', digest: (await digestModel(folder)).sha256 };
  const controller = new AbortController();
  const first = openAt(store, { log: silentLog, signal: controller.signal });
  const broken = first.put(at.model, at.digest, folder, new Map()).then(
    () => 'stored',
    (error: unknown) => error,
  );
  while (!(await store.hasBegun(at))) await sleep(2);
  controller.abort(new Error('stop'));
  expect(await broken).toMatchObject({ message: 'stop' });
  const lines: string[] = [];
  const second = openAt(store, { log: { ...silentLog, info: (line) => void lines.push(line) } });
  const before = proxy.moved('up');
  expect(await second.put(at.model, at.digest, folder, new Map())).toMatchObject({ created: true });
  const had = Number(/^MLflow has (\d+) of 40 files/.exec(lines[0] ?? '')?.[1]);
  expect(had).toBeGreaterThan(0);
  expect(proxy.moved('up') - before).toBeLessThan((40 - had) * 200_000 + 100_000);
  await rm(folder, { recursive: true });
});

import { afterAll, beforeAll } from '@jest/globals';
import { startMlflow, type StartedServer } from '@sluice/testing/mlflow/server.ts';
import { aliasTests } from './mlflow/alias.ts';
import { deletedTests } from './mlflow/deleted.ts';
import { faultTests } from './mlflow/faults.ts';
import { loadTests } from './mlflow/load.ts';
import { registerTests } from './mlflow/register.ts';
import { tlsTests } from './mlflow/tls.ts';

let server: StartedServer;
beforeAll(async () => {
  server = await startMlflow();
});
afterAll(() => server.stop());

const url = (): string => server.url;
registerTests(url);
faultTests(url);
tlsTests(url);
aliasTests(url, () => server.folder);
deletedTests(url, () => server.folder);
loadTests(url);

import { afterAll, beforeAll } from '@jest/globals';
import { startMlflow, type StartedServer } from '../support/mlflow/server.ts';
import { loadTests } from './mlflow/load.ts';

let server: StartedServer;
beforeAll(async () => {
  server = await startMlflow();
});
afterAll(() => server.stop());

const url = (): string => server.url;
loadTests(url);

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/* An MLflow server that never has a whole answer, while the model itself needs nothing of it. */

jest.setTimeout(90_000);

let production: Production;
let mlflow: Server;
beforeEach(async () => {
  production = await startProduction();
  mlflow = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000000' });
    const drip = setInterval(() => response.write(' '), 100);
    response.once('close', () => clearInterval(drip));
  });
  await new Promise<void>((resolve) => mlflow.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  mlflow.closeAllConnections();
  mlflow.close();
  await production.remove();
});

/** Runs a step until it asks MLflow for the first time, and returns the locks that there are then. */
async function locksWhenAsked(...[action, inputs]: Parameters<Production['run']>): Promise<string> {
  let locks = 'MLflow was not asked';
  const after = once(mlflow, 'request').then(async () => {
    locks = await production.locks();
  });
  await production.run(action, inputs, { kill: { signal: 'SIGKILL', after } });
  return locks;
}

test('deploy and rollback have let go of the environment before they tell MLflow', async () => {
  await production.register({ bias: 1 });
  expect(await production.run('deploy')).toMatchObject({ code: 0 });
  await production.register({ bias: 2 });
  const url = `http://127.0.0.1:${(mlflow.address() as AddressInfo).port}`;
  await production.configure({
    registry: `{type: mlflow, tracking-uri: '${url}', store: 'dir:${production.store}'}`,
  });
  expect(await locksWhenAsked('deploy')).toBe('');
  expect(await production.served()).toMatchObject({ version: 'v2.0.0' });
  expect(await locksWhenAsked('rollback', { reason: 'predicts nonsense' })).toBe('');
  expect(await production.served()).toMatchObject({ version: 'v1.0.0' });
  expect(await production.ledgerLive()).toBe('v1.0.0');
});

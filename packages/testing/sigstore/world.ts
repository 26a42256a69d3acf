import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { GitHubDouble } from '../github/server.ts';
import { NAME_CLAIM, startInstance, type Answer, type Instance, type Service } from './instance.ts';
import { startNetwork, type Network } from './network.ts';

/** Everything a signing job talks to: GitHub's identities and API, and a Sigstore instance at its real addresses. */
export interface SigningWorld {
  readonly github: GitHubDouble;
  readonly network: Network;
  readonly instance: Instance;
  /** Claims of the identity that differ from those of a run of acme/flights on main. */
  claims: Record<string, string>;
  /** Services by host that do something else than they should. */
  readonly faults: Map<string, Service>;
  /** Environment of a step of a signing job. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

/** Where Sigstore publishes its trusted root. Nothing is there but what a test puts there. */
export const TUF = 'tuf-repo-cdn.sigstore.dev';
const REPOSITORY = 'acme/flights';
export const WORKFLOW = '.github/workflows/pipeline.yml@refs/heads/main';
const CLAIMS = {
  iss: 'https://token.actions.githubusercontent.com',
  sub: `repo:${REPOSITORY}:ref:refs/heads/main`,
  repository: REPOSITORY,
  repository_owner: 'acme',
  ref: 'refs/heads/main',
  workflow_ref: `${REPOSITORY}/${WORKFLOW}`,
  job_workflow_ref: `${REPOSITORY}/${WORKFLOW}`,
  event_name: 'push',
  runner_environment: 'github-hosted',
  run_id: '42',
  run_attempt: '1',
};

/** `visibility` of the repository decides which instance signs. */
export async function startSigningWorld(visibility: 'public' | 'private' = 'public'): Promise<SigningWorld> {
  const instance = await startInstance(visibility === 'public');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-world-'));
  const event = path.join(folder, 'event.json');
  await writeFile(event, JSON.stringify({ repository: { visibility } }));
  const github = new GitHubDouble({ permissions: { attestations: 'write' } });
  await github.start();
  const faults = new Map<string, Service>();
  const services: Readonly<Record<string, Service>> =
    visibility === 'public'
      ? { 'fulcio.sigstore.dev': instance.fulcio, 'rekor.sigstore.dev': instance.rekor }
      : { 'fulcio.githubapp.com': instance.fulcio, 'timestamp.githubapp.com': instance.timestamp };
  const network = await startNetwork(
    [...Object.keys(services), TUF],
    listener((host) => faults.get(host) ?? services[host]),
  );
  const identities = createServer((request, response) => identity(request, response, world.claims));
  await new Promise<void>((resolve) => identities.listen(0, '127.0.0.1', resolve));
  const { port } = identities.address() as AddressInfo;
  const world: SigningWorld = {
    github,
    network,
    instance,
    claims: {},
    faults,
    env: {
      ...github.env,
      ...network.env,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_EVENT_PATH: event,
      GITHUB_WORKFLOW_REF: `${REPOSITORY}/${WORKFLOW}`,
      GITHUB_RUN_ID: '42',
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
    },
    async stop() {
      identities.closeAllConnections();
      identities.close();
      await Promise.all([network.stop(), github.stop(), rm(folder, { recursive: true })]);
    },
  };
  return world;
}

/** The runner's own service: an identity for whoever has the runner's token. The doubles read its claims unverified. */
function identity(request: IncomingMessage, response: ServerResponse, changed: object): void {
  const url = new URL(request.url ?? '', 'http://runner');
  if (request.headers.authorization !== 'Bearer runner' || url.searchParams.get('audience') !== 'sigstore') {
    response.writeHead(401).end();
    return;
  }
  const claims: Record<string, string> = { ...CLAIMS, ...changed };
  const payload = { ...claims, [NAME_CLAIM]: `https://github.com/${claims['job_workflow_ref']}` };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const value = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(payload)}.${Buffer.from('x').toString('base64url')}`;
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
}

function listener(serviceOf: (host: string) => Service | undefined): RequestListener {
  return (request, response) => {
    void answer(request, serviceOf).then(({ statusCode, response: body, contentType = 'text/plain' }) =>
      response.writeHead(statusCode, { 'content-type': contentType }).end(body),
    );
  };
}

async function answer(
  request: IncomingMessage,
  serviceOf: (host: string) => Service | undefined,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const service = serviceOf(request.headers.host ?? '');
  if (service === undefined) return { statusCode: 404, response: 'not found' };
  return service(Buffer.concat(chunks).toString('utf8'), request.url ?? '');
}

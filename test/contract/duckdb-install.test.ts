import { createServer, type Server } from 'node:http';
import { createHash } from 'node:crypto';
import { appendFile, readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { dataFolder } from '@sluice/testing/data.ts';
import { passedOn } from '@sluice/testing/environment.ts';
import { duckdbPlatform, installDuckdb } from '@sluice/core/data/duckdb-install.ts';
import { DUCKDB_RELEASE } from '@sluice/core/data/duckdb-release.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A registry that offers other bytes under the right name, with a manifest that agrees with them. */
async function forgedRegistry(): Promise<string> {
  const tarball = gzipSync(Buffer.alloc(1024));
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) return response.end(tarball);
    const { version } = DUCKDB_RELEASE;
    const name = decodeURIComponent((request.url ?? '/').slice(1));
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
    const dist = { tarball: `http://${request.headers.host ?? ''}/forged.tgz`, integrity };
    return response.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: version },
        versions: { [version]: { name, version, dist } },
      }),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}/`;
}

async function install(
  env: NodeJS.ProcessEnv,
  given?: string,
): Promise<{ cache: string; lines: string[]; binding: string }> {
  const cache = env['RUNNER_TOOL_CACHE'] ?? (await dataFolder({}));
  const lines: string[] = [];
  const binding = await installDuckdb({
    given,
    env: {
      ...passedOn(),
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      npm_config_cache: await dataFolder({}),
      npm_config_fetch_retries: '0',
      ...env,
      RUNNER_TOOL_CACHE: cache,
      // No process ends here that would remove the copies, as one of a step does.
      RUNNER_TEMP: await dataFolder({}),
    },
    directory: await dataFolder({}),
    log: { info: (text) => lines.push(text), warning: (text) => lines.push(text) },
    signal: new AbortController().signal,
  });
  return { cache, lines, binding };
}

const GIVEN = path.resolve(`node_modules/@duckdb/node-bindings-${duckdbPlatform()}`);
const left = async (cache: string): Promise<string[]> =>
  readdir(path.join(cache, 'duckdb', DUCKDB_RELEASE.version));

describe('installing DuckDB', () => {
  it('is done once by jobs that start together, and not again', async () => {
    const cache = await dataFolder({});
    const both = await Promise.all([
      install({ RUNNER_TOOL_CACHE: cache }),
      install({ RUNNER_TOOL_CACHE: cache }),
    ]);
    expect(both[0].binding).not.toBe(both[1].binding);
    expect((await stat(both[0].binding)).isFile()).toBe(true);
    expect(await left(cache)).toEqual([duckdbPlatform()]);
    expect(both[0].lines[0]).toMatch(/^Fetching DuckDB .* with npm \(about 25 MB/);
    expect((await install({ RUNNER_TOOL_CACHE: cache, PATH: '' })).lines).toEqual([]);
  }, 120_000);

  it('refuses other bytes than the pinned ones and leaves nothing', async () => {
    const cache = await dataFolder({});
    const registry = await forgedRegistry();
    await expect(install({ RUNNER_TOOL_CACHE: cache, npm_config_registry: registry })).rejects.toMatchObject({
      reasonCode: 'service-unavailable',
      message: expect.stringMatching(
        /has the hash sha512-.*expected is sha512-[\s\S]*'duckdb-path'/,
      ) as unknown,
    });
    expect(await left(cache)).toEqual([]);
  }, 60_000);

  it('says what to do when the registry cannot be reached', async () => {
    await expect(install({ npm_config_registry: 'http://127.0.0.1:9/' })).rejects.toMatchObject({
      reasonCode: 'service-unavailable',
      message: expect.stringMatching(
        /npm could not fetch @duckdb[\s\S]*\.npmrc[\s\S]*ECONNREFUSED/,
      ) as unknown,
    });
  }, 60_000);

  it('says so when npm is not there', async () => {
    await expect(install({ PATH: await dataFolder({}) })).rejects.toMatchObject({
      reasonCode: 'service-unavailable',
      message: expect.stringMatching(/npm was not found on PATH/) as unknown,
    });
  });

  it('loads nothing that lies in the cache but what was put there', async () => {
    const cache = await dataFolder({});
    await install({ RUNNER_TOOL_CACHE: cache });
    const folder = path.join(cache, 'duckdb', DUCKDB_RELEASE.version, duckdbPlatform());
    const names = Object.keys(DUCKDB_RELEASE.files[duckdbPlatform()]);
    for (const name of names) {
      await appendFile(path.join(folder, name), 'x');
      const again = await install({ RUNNER_TOOL_CACHE: cache });
      expect(again.lines[0]).toMatch(`is not what was put there: ${name} has the sha256`);
      expect(again.lines[1]).toMatch(/^Fetching DuckDB/);
      expect(path.dirname(again.binding)).not.toBe(folder);
    }
    await appendFile(path.join(folder, names[0] ?? ''), 'x');
    await expect(
      install({ RUNNER_TOOL_CACHE: cache, npm_config_registry: 'http://127.0.0.1:9/' }),
    ).rejects.toMatchObject({ reasonCode: 'service-unavailable' });
  }, 120_000);

  it('gives a copy that nobody else can read or write', async () => {
    const { binding } = await install({}, GIVEN);
    expect((await stat(path.dirname(binding))).mode & 0o077).toBe(0);
  });

  it('takes a given copy of this release and refuses others', async () => {
    expect(path.basename((await install({}, GIVEN)).binding)).toBe('duckdb.node');
    const folder = await dataFolder({ 'duckdb.node': '' });
    await expect(install({}, folder)).rejects.toMatchObject({ reasonCode: 'bad-input' });
    await expect(install({}, path.join(folder, 'x'))).rejects.toMatchObject({ reasonCode: 'missing-file' });
  });
});

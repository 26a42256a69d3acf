import { expect, test } from '@jest/globals';
import { PLAIN_JSON } from '@sluice/testing/serving.ts';
import { directorySettings } from './settings.ts';
import type { DirectoryConfig } from './schema.ts';

const read = (config: Omit<DirectoryConfig, 'type'>, env: Readonly<Record<string, string>> = {}) =>
  directorySettings(
    { value: { type: 'directory', ...config }, name: 'target', folder: '/repo' },
    { env, timeoutMs: 1500, protocol: PLAIN_JSON },
  );

test('paths are relative to the file, and variables are filled in', () => {
  expect(read({ path: '${ROOT}/live' }, { ROOT: 'srv' })).toEqual({
    root: '/repo/srv/live',
    keep: 5,
    servers: [],
  });
  expect(() => read({ path: '${ROOT}' })).toThrow("target.path is '${ROOT}', but ROOT is not set.");
});

test('a reload is one command, whose arguments a value never becomes two of', () => {
  expect(read({ path: '/srv', reload: "kill -HUP '${PID}'" }, { PID: '1 2' }).reload).toEqual({
    argv: ['kill', '-HUP', '1 2'],
    cwd: '/repo',
    timeoutMs: 1500,
  });
  expect(() => read({ path: '/srv', reload: 'a && b' })).toThrow(
    expect.objectContaining({
      reasonCode: 'bad-config',
      message: expect.stringContaining("target.reload has the shell operator '&&'") as unknown,
    }),
  );
});

test('a request never takes longer than the server may take to come up', () => {
  expect(read({ path: '/srv', url: 'http://localhost:8080', ready: '/health' }).server).toEqual({
    url: 'http://localhost:8080',
    ready: '/health',
    versionPath: '/version',
    predict: '/predict',
    protocol: PLAIN_JSON,
    requestTimeoutMs: 1500,
  });
  expect(() => read({ path: '/srv', url: 'localhost' })).toThrow("target.url is 'localhost'.");
});

test('Windows, where a link cannot be switched in one step, is refused by name', () => {
  const section = { value: { type: 'directory', path: '/srv' }, name: 'target', folder: '/repo' } as const;
  expect(() => directorySettings(section, { env: {}, timeoutMs: 1, protocol: PLAIN_JSON }, 'win32')).toThrow(
    expect.objectContaining({
      reasonCode: 'bad-config',
      message: expect.stringMatching(
        /^target is a directory target.*Windows.*Run this job on Linux or macOS/,
      ),
    }),
  );
  expect(directorySettings(section, { env: {}, timeoutMs: 1, protocol: PLAIN_JSON }, 'darwin').root).toBe(
    '/srv',
  );
});

test('requests come through the url, else through the first replica; each url is filled in and checked', () => {
  const urlsOf = (config: Omit<DirectoryConfig, 'type' | 'path'>) => {
    const { server, servers } = read({ path: '/srv', ...config }, { HOST: 'h' });
    return { frontDoor: server?.url, replicas: servers.map(({ url }) => url) };
  };
  const urls = ['http://${HOST}:1', 'http://${HOST}:2'];
  expect(urlsOf({ urls })).toEqual({ frontDoor: 'http://h:1', replicas: ['http://h:1', 'http://h:2'] });
  expect(urlsOf({ urls, url: 'http://lb' })).toMatchObject({
    frontDoor: 'http://lb',
    replicas: { length: 2 },
  });
  expect(urlsOf({ url: 'http://lb' })).toEqual({ frontDoor: 'http://lb', replicas: ['http://lb'] });
  expect(() => urlsOf({ urls: ['http://h', 'http://u:p@h'] })).toThrow("target.urls[1] is 'http://");
});

test('a server that cannot say its version is not asked for it', () => {
  const server = (config: Omit<DirectoryConfig, 'type' | 'path'>) =>
    read({ path: '/srv', url: 'http://h', ...config }).server;
  expect(server({ 'version-path': 'none' })).toHaveProperty('versionPath', undefined);
  expect(server({ 'version-path': '/v' })).toHaveProperty('versionPath', '/v');
});

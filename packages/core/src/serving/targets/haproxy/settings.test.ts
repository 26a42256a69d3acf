import { expect, test } from '@jest/globals';
import { PLAIN_JSON } from '@sluice/testing/serving.ts';
import { haproxy } from './kind.ts';
import type { HaproxyConfig } from './schema.ts';
import { haproxySettings } from './settings.ts';

const LEAST: HaproxyConfig = {
  type: 'haproxy',
  socket: '/run/haproxy.sock',
  backend: 'models',
  servers: { stable: 's1', canary: 's2' },
  path: 'live',
  start: 'systemctl restart model@{slot}',
  'state-file': '/srv/haproxy/models.state',
  url: 'http://127.0.0.1:8080',
};
const step = { env: { ROOT: 'srv' }, timeoutMs: 1500, protocol: PLAIN_JSON };
const section = (config: Partial<HaproxyConfig>) => ({
  value: { ...LEAST, ...config },
  name: 'target',
  folder: '/repo',
});
const read = (config: Partial<HaproxyConfig> = {}) => haproxySettings(section(config), step);

test('what is not written has a default, and paths are relative to the file', () => {
  expect(read({ path: '${ROOT}/live' })).toMatchObject({
    runtime: { path: '/run/haproxy.sock' },
    root: '/repo/srv/live',
    server: { url: 'http://127.0.0.1:8080', ready: '/ready' },
    endpoints: new Map(),
    keep: 5,
  });
  expect(read({ socket: './haproxy.sock', 'state-file': 'models' })).toMatchObject({
    runtime: { path: '/repo/haproxy.sock' },
    stateFile: '/repo/models',
  });
});

test.each([
  ['127.0.0.1:9999', { host: '127.0.0.1', port: 9999 }],
  ['balancer.internal:9999', { host: 'balancer.internal', port: 9999 }],
  ['[::1]:9999', { host: '::1', port: 9999 }],
])('%s is an address', (socket, runtime) => {
  expect(read({ socket })).toMatchObject({ runtime });
});

test.each(['haproxy.sock', '9999', 'host:0', 'host:65536', '::1:9999', '[host]:1'])(
  '%s is neither a path nor an address',
  (socket) => {
    expect(() => read({ socket })).toThrow(
      `target.socket is '${socket}'. Write the path of the socket, such as /run/haproxy.sock, or an address and port, such as 127.0.0.1:9999.`,
    );
  },
);

test('the command is one, in which a value never becomes two arguments', () => {
  const filled = { slot: 's1', 'model-path': '/srv/a b/model', version: 'v1.0.0' };
  expect(read({ start: "serve --name {slot} '{model-path}' {version}" }).start.argv(filled)).toEqual([
    'serve',
    '--name',
    's1',
    '/srv/a b/model',
    'v1.0.0',
  ]);
  expect(() => read({ start: 'serve {port}' })).toThrow(
    "target.start has the unknown placeholder '{port}'. Known: {slot}, {model-path}, {version}.",
  );
  expect(() => read({ start: 'a && b' })).toThrow("target.start has the shell operator '&&'");
});

test('two servers are two', () => {
  expect(() => read({ servers: { stable: 's1', canary: 's1' } })).toThrow("target.servers names 's1' twice");
});

test('servers may answer elsewhere than where HAProxy reaches them', () => {
  const { endpoints } = read({ endpoints: { stable: 'http://a:1', canary: 'http://b:2' }, ready: '/health' });
  expect(endpoints.get('s2')).toMatchObject({ url: 'http://b:2', ready: '/health' });
  expect(() => read({ endpoints: { stable: 'a:1', canary: 'http://b:2' } })).toThrow(
    "target.endpoints.stable is 'a:1'",
  );
});

test('headers can be told apart where haproxy.cfg has a map for them', () => {
  expect([...haproxy(section({}), step).can].sort()).toEqual(['probe', 'split']);
  const route = { header: 'x-variant', map: '/etc/haproxy/variants.map' };
  expect([...haproxy(section({ route }), step).can].sort()).toEqual(['header-route', 'probe', 'split']);
});

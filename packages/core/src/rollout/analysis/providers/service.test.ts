import { expect, test } from '@jest/globals';
import { readService } from './service.ts';

const VARIABLES = { url: 'PROMETHEUS_URL', token: 'PROMETHEUS_TOKEN' };
const TOKEN = { PROMETHEUS_TOKEN: 'a1-b2-c3-d4-e5' };
const read = (given: string | undefined, env: NodeJS.ProcessEnv = {}): unknown =>
  readService(given, 'analysis.0.url', VARIABLES, env);

test('the address is that of the file, with its variables filled in, else that of the environment', () => {
  expect(read('http://127.0.0.1:9090/')).toEqual({ url: 'http://127.0.0.1:9090', headers: {} });
  expect(read('${METRICS}/prom', { METRICS: 'https://metrics.example.com' })).toMatchObject({
    url: 'https://metrics.example.com/prom',
  });
  expect(read(undefined, { PROMETHEUS_URL: 'https://metrics.example.com' })).toMatchObject({
    url: 'https://metrics.example.com',
  });
});

test.each([
  'metrics',
  'file:///etc/passwd',
  'https://user:hunter2@metrics.example.com',
  'https://metrics.example.com?token=1',
])('%s is no address to ask', (given) => {
  expect(() => read(given)).toThrow('Write an http or https address without name, password and query');
  expect(() => read(given)).not.toThrow('hunter2');
});

test('without any address the message names the variable', () => {
  expect(() => read(undefined)).toThrow(
    'analysis.0.url is not set. Write the address there, or set PROMETHEUS_URL',
  );
});

test('a token goes to the origin that the environment names, and to no other', () => {
  const url = 'https://metrics.example.com/prom';
  const headers = { authorization: 'Bearer a1-b2-c3-d4-e5' };
  expect(read(url, { ...TOKEN, PROMETHEUS_URL: 'https://metrics.example.com' })).toMatchObject({ headers });
  expect(read(url, { ...TOKEN, SLUICE_TRUSTED_ORIGINS: 'https://metrics.example.com' })).toMatchObject({
    headers,
  });
  expect(() => read('https://elsewhere.example.com', { ...TOKEN, PROMETHEUS_URL: url })).toThrow(
    'analysis.0.url is https://elsewhere.example.com, and PROMETHEUS_TOKEN of the job is not sent there.',
  );
});

test('a token does not go over plain http to another machine, unless the environment trusts the way', () => {
  const PROMETHEUS_URL = 'http://prometheus.internal:9090';
  expect(() => read(undefined, { ...TOKEN, PROMETHEUS_URL })).toThrow(
    'everybody on the way could read the token',
  );
  const trusted = { ...TOKEN, PROMETHEUS_URL, SLUICE_TRUSTED_ORIGINS: PROMETHEUS_URL };
  expect(read(undefined, trusted)).toMatchObject({ headers: { authorization: 'Bearer a1-b2-c3-d4-e5' } });
});

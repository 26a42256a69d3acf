import { expect, test } from '@jest/globals';
import { readProtocol, readVerification, requireRequests } from './verification.ts';
import type { VerifyConfig } from '../serving/verify-schema.ts';

const verification = {
  readyCount: 1,
  patience: { timeoutMs: 1, pauseMs: 1 },
  settle: { answers: 1, ms: 1 },
  golden: [],
  modelGolden: [],
  recorded: true,
  latencyP95Ms: 80,
};
const goldenDigest = 'ab';

test('a latency is measured with the requests of the version, and refused without any', () => {
  expect(() => requireRequests(verification, { version: 'v1.0.0', goldenDigest })).not.toThrow();
  expect(() => requireRequests({ ...verification, modelGolden: ['g'] }, { version: 'v1.0.0' })).not.toThrow();
  const none = expect.objectContaining({
    reasonCode: 'bad-config',
    message: expect.stringContaining('v1.0.0 was registered with none') as unknown,
  });
  expect(() => requireRequests(verification, { version: 'v1.0.0' })).toThrow(none);
  expect(() =>
    requireRequests({ ...verification, recorded: false }, { version: 'v1.0.0', goldenDigest }),
  ).toThrow(none);
});

const section = (value: VerifyConfig) => ({ value, name: 'verify', folder: '/repo' });

test.each([
  [undefined, true, []],
  ['recorded', true, []],
  [['recorded', '{model-path}/g.jsonl'], true, ['g.jsonl']],
  ['{model-path}/g.jsonl', false, ['g.jsonl']],
] as const)(
  'golden cases of %j are recorded: %s, in the model: %j',
  async (golden, recorded, modelGolden) => {
    const value = golden === undefined ? {} : { golden: typeof golden === 'string' ? golden : [...golden] };
    const read = await readVerification({ workspace: '/repo' }, section(value), 1000);
    expect(read).toMatchObject({ golden: [], recorded, modelGolden });
  },
);

test('a protocol of a server that cannot say its version has no path for it', () => {
  expect(readProtocol(section({})).paths.version).toBe('/version');
  expect(readProtocol(section({ 'version-path': 'none' })).paths.version).toBeUndefined();
});

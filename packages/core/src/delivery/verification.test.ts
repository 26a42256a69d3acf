import { expect, test } from '@jest/globals';
import { requireRequests } from './verification.ts';

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

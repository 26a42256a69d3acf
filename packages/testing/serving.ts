import { protocolOf } from '@sluice/core/serving/protocols/index.ts';
import type { ServerAddress } from '@sluice/core/serving/server.ts';
import type { LiveState } from '@sluice/core/serving/target.ts';

/** How servers are spoken to where nothing else is said. */
export const PLAIN_JSON = protocolOf({ value: 'json', name: 'verify.protocol', folder: '/' });

/** A server of plain JSON with the usual paths. */
export const serverAt = (url: string, changes: Partial<ServerAddress> = {}): ServerAddress => ({
  url,
  ready: '/ready',
  versionPath: '/version',
  predict: '/predict',
  protocol: PLAIN_JSON,
  requestTimeoutMs: 30_000,
  ...changes,
});

/** One version has all traffic, and the server says so. */
export const serving = (version: string): LiveState => ({
  intended: [{ version, weight: 100 }],
  answer: { kind: 'answered', shares: [{ version, weight: 100 }] },
});

/** The check of a model that predicted as it should. */
export const GOLDEN_PASSED = {
  check: 'golden',
  verdict: 'pass',
  message: 'Right.',
  cases: 1,
  failed: 0,
  failures: [],
} as const;

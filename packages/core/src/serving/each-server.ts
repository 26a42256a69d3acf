import { heldSentence, type Check } from './checks.ts';
import type { ModelServer } from './server.ts';

/**
 * Checks several servers at once. One check of each kind comes back: it holds where it holds for all, and names those for which
 * it does not. Of one server the checks are as they were made.
 */
export async function checkEach(
  servers: readonly ModelServer[],
  check: (server: ModelServer, index: number) => Promise<readonly Check[]>,
): Promise<Check[]> {
  const found = await Promise.all(
    servers.map(async (server, index) => ({ url: server.url, checks: await check(server, index) })),
  );
  const [first] = found;
  if (first === undefined || found.length === 1) return [...(first?.checks ?? [])];
  return first.checks.map(({ check: kind }) =>
    together(
      found.flatMap(({ url, checks }) =>
        checks.filter((c) => c.check === kind).map((c) => ({ url, check: c })),
      ),
    ),
  );
}

interface OfServer {
  readonly url: string;
  readonly check: Check;
}

function together(all: readonly OfServer[]): Check {
  const failed = all.filter(({ check }) => check.verdict === 'fail');
  const [shown] = (failed.length > 0 ? failed : all) as [OfServer];
  const message =
    failed.length > 0
      ? failed.map(({ url, check }) => `${url}: ${check.message}`).join(' ')
      : `Each of ${all.length} servers: ${shown.check.message}`;
  if (!('failures' in shown.check)) return { ...shown.check, message };
  const failures = all.flatMap(({ url, check }) =>
    'failures' in check ? check.failures.map((failure) => ({ ...failure, server: url })) : [],
  );
  const count = (key: 'cases' | 'failed'): number =>
    all.reduce((sum, { check }) => sum + ('failures' in check ? check[key] : 0), 0);
  const cases = count('cases');
  const sentence =
    failed.length > 0 ? message : heldSentence(shown.check.check, cases, ` by ${all.length} servers`);
  return { ...shown.check, message: sentence, failures, cases, failed: count('failed') };
}

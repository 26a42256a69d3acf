import { parseDuration } from '../../../../schema/duration.ts';
import { describeExchange, isSuccess } from '../../../../serving/exchange.ts';
import { ask } from '../ask.ts';
import { countingAnalysis } from '../counting.ts';
import { questionOf, readCounts } from '../counts.ts';
import type { ProviderKind } from '../kind.ts';
import { readService } from '../service.ts';
import type { HttpConfig } from './schema.ts';

const VARIABLES = { url: 'SLUICE_ANALYSIS_URL', token: 'SLUICE_ANALYSIS_TOKEN' };
const DEFAULT_TIMEOUT = '10s';

/** Counts that a server of the team's keeps. */
export const http: ProviderKind<HttpConfig> = async ({ value, name }, { env }) => {
  const { url, headers } = readService(value.url, `${name}.url`, VARIABLES, env);
  const timeoutMs = parseDuration(value.timeout ?? DEFAULT_TIMEOUT, `${name}.timeout`);
  return countingAnalysis(value, async (window, signal) => {
    const question = questionOf(window);
    const asked = `${url}?${new URLSearchParams({ ...question }).toString()}`;
    const answer = await ask(asked, { headers, cache: 'no-store' }, timeoutMs, signal);
    return answer.kind === 'answered' && isSuccess(answer.status)
      ? readCounts(answer.body, question, url)
      : { kind: 'error', message: `${url} did not tell the counts: ${describeExchange(answer)}` };
  });
};

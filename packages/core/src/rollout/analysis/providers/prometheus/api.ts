import * as z from 'zod/mini';
import { parseJson } from '../../../../action/json.ts';
import { describeExchange, excerpt, type Exchange } from '../../../../serving/exchange.ts';
import { ask } from '../ask.ts';
import type { Service } from '../service.ts';
import type { Series } from './counter.ts';

const sample = z.tuple([z.number(), z.string()]);
const labels = z.record(z.string(), z.string());
/* A series may also hold native histograms, which are no counts; then it lacks what is asked for here. */
const data = z.discriminatedUnion('resultType', [
  z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ metric: labels, values: z.array(sample) })),
  }),
  z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: labels, value: sample })),
  }),
  z.object({ resultType: z.literal('scalar'), result: sample }),
]);
const answer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);

/** What Prometheus answered to a query. */
export type Answered =
  | { readonly kind: 'series'; readonly series: readonly Series[] }
  | { readonly kind: 'error'; readonly message: string };

/** A Prometheus server, asked by instant queries. */
export type Prometheus = (query: string, at: number, signal: AbortSignal) => Promise<Answered>;

/** A server of Prometheus' HTTP interface. `at` is in seconds since 1970. */
export function prometheusAt({ url, headers }: Service, timeoutMs: number): Prometheus {
  return async (query, at, signal) => {
    const init = {
      method: 'POST',
      headers,
      // Those that ask several servers may answer with what some of them have; Prometheus itself ignores this.
      body: new URLSearchParams({ query, time: String(at), partial_response: 'false' }),
    };
    return readAnswer(await ask(`${url}/api/v1/query`, init, timeoutMs, signal), query, url);
  };
}

/** What an answer says. */
export function readAnswer(answered: Exchange, query: string, url: string): Answered {
  const wrong = (what: string): Answered => ({
    kind: 'error',
    message: `${url} ${what} The query was ${query}`,
  });
  if (answered.kind === 'silent') return wrong(`could not be asked: ${answered.message}.`);
  const parsed = answer.safeParse(parseJson(answered.body));
  if (!parsed.success) {
    const what = answered.status === 200 ? excerpt(answered.body) : `: ${describeExchange(answered)}`;
    return wrong(`did not answer as Prometheus does${what}.`);
  }
  if (parsed.data.status === 'error')
    return wrong(`refused: ${parsed.data.error} (${parsed.data.errorType}).`);
  return { kind: 'series', series: seriesOf(parsed.data.data) };
}

function seriesOf(found: z.infer<typeof data>): Series[] {
  switch (found.resultType) {
    case 'matrix':
      return found.result.map(({ metric, values }) => ({ labels: metric, samples: values.map(number) }));
    case 'vector':
      return found.result.map(({ metric, value }) => ({ labels: metric, samples: [number(value)] }));
    case 'scalar':
      return [{ labels: {}, samples: [number(found.result)] }];
  }
}

/** Prometheus writes `NaN`, `+Inf` and `-Inf` for what JSON has no number for. */
function number([at, value]: z.infer<typeof sample>): [number, number] {
  return [at, value === '' ? Number.NaN : Number(value.replace('Inf', 'Infinity'))];
}

import type { Observation } from '../../samples.ts';
import { errorsOf, noRequests, type Counts, type Missing } from '../counts.ts';
import type { Arm, Window } from '../kind.ts';
import type { Prometheus } from './api.ts';
import { LOOKBACK_S, increaseOf, type Series } from './counter.ts';
import { fill, instanceOf, isByInstance, type Query } from './query.ts';
import { mentionedIn } from './selector.ts';

export interface Queries {
  readonly requests: Query;
  readonly errors: Query;
}

/** What is asked of one version, and of which time in seconds since 1970. */
interface Asking {
  readonly prometheus: Prometheus;
  readonly arm: Arm;
  readonly since: number;
  readonly until: number;
  readonly signal: AbortSignal;
}

/** What a query found: a count, or no series at all. `asked` is the query as Prometheus got it. */
type Found =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'nothing'; readonly asked: string }
  | Missing;

/** The share of errors in a window. */
export async function countErrors(
  prometheus: Prometheus,
  queries: Queries,
  { since, ms, arms }: Window,
  signal: AbortSignal,
): Promise<Observation> {
  const began = since.getTime() / 1000;
  const span = { since: began, until: began + ms / 1000 };
  const countsOf = (arm: Arm): Promise<Counts | Missing> =>
    countArm(queries, { prometheus, arm, ...span, signal });
  const [candidate, stable] = await Promise.all([
    countsOf(arms.candidate),
    arms.stable === undefined ? undefined : countsOf(arms.stable),
  ]);
  if ('kind' in candidate) return candidate;
  if (stable === undefined || !('kind' in stable)) return errorsOf(candidate, stable);
  return stable.kind === 'error' ? stable : errorsOf(candidate, undefined);
}

async function countArm(queries: Queries, asking: Asking): Promise<Counts | Missing> {
  const { arm } = asking;
  if (instanceOf(arm) === undefined && [queries.requests, queries.errors].some(isByInstance)) {
    const message = `${arm.version} has no address of its own, by which {instance} could find what it counts.`;
    return { kind: 'error', message };
  }
  const [requests, errors] = await Promise.all([
    countOf(queries.requests, asking),
    countOf(queries.errors, asking),
  ]);
  if (requests.kind === 'nothing') return withoutRequests(requests.asked, asking);
  if (requests.kind !== 'count') return requests;
  if (requests.count < 0.5) return noRequests('Prometheus says', arm.version);
  if (errors.kind === 'count') return countsFrom(requests.count, errors.count, arm);
  if (errors.kind !== 'nothing') return errors;
  return (await withoutErrors(queries.errors, errors.asked, asking)) ?? countsFrom(requests.count, 0, arm);
}

/** Whole numbers: what increase() extrapolates is none. */
function countsFrom(requests: number, errors: number, { version }: Arm): Counts | Missing {
  if (errors > requests + 0.5) {
    const message = `Prometheus counts ${errors} errors of ${version} in ${requests} requests. Let both queries count the same requests.`;
    return { kind: 'error', message };
  }
  return { requests: Math.round(requests), errors: Math.min(Math.round(errors), Math.round(requests)) };
}

async function countOf(query: Query, asking: Asking): Promise<Found> {
  const { prometheus, arm, since, until, signal } = asking;
  const seconds = Math.max(1, Math.round(until - since));
  const filled = fill(query.template, arm, seconds);
  const asked = query.kind === 'counters' ? `${filled.trim()}[${seconds + LOOKBACK_S}s]` : filled;
  const answer = await prometheus(asked, until, signal);
  if (answer.kind === 'error') return answer;
  const { series } = answer;
  if (series.length === 0) return { kind: 'nothing', asked };
  const count = query.kind === 'counters' ? increaseOf(series, { since, until }) : sumOf(series);
  if (Number.isNaN(count)) {
    const message = `${asked} is no number (NaN), so nothing is known of ${arm.version}.`;
    return { kind: 'no-data', message };
  }
  if (count >= 0 && Number.isFinite(count)) return { kind: 'count', count };
  return { kind: 'error', message: `${asked} is ${count}, but a count is a number from 0.` };
}

function sumOf(series: readonly Series[]): number {
  return series.reduce((sum, { samples }) => sum + (samples[0]?.[1] ?? Number.NaN), 0);
}

/** Why there are no series of the requests: their metric is missing, or the version has none of it. */
async function withoutRequests(asked: string, asking: Asking): Promise<Missing> {
  const { version } = asking.arm;
  const { metrics, labels } = mentionedIn(asked);
  const arm = labels.find(({ value }) => value !== '' && namesArm(value, asking.arm));
  for (const metric of metrics) {
    const known = await labelsOf(metric, labels, asking);
    if ('kind' in known) return known;
    if (known.length === 0) return { kind: 'no-data', message: missing(metric) };
    const values = arm === undefined ? [] : valuesOf(known, arm.name);
    if (arm !== undefined && values.includes(arm.value)) {
      const message = `${asked} found nothing, though ${metric} has series of ${version}: they were scraped less than twice in that time.`;
      return { kind: 'no-data', message };
    }
    if (arm !== undefined) {
      const others = values.slice(0, 5).map((value) => `"${value}"`);
      const message = `${version} got no requests: ${metric} has no series with ${arm.name}="${arm.value}" (it has ${others.join(', ') || 'no such label'}).`;
      return { kind: 'no-data', message };
    }
  }
  return { kind: 'no-data', message: `${version} got no requests: ${asked} found nothing.` };
}

/**
 * Why there are no series of the errors, or undefined where that means that there were none: counters that were found missing
 * of this version alone, by labels that the metric does have.
 */
async function withoutErrors(query: Query, asked: string, asking: Asking): Promise<Missing | undefined> {
  const { metrics, labels } = mentionedIn(asked);
  for (const metric of metrics) {
    const known = await labelsOf(metric, labels, asking);
    if ('kind' in known) return known;
    if (known.length === 0) {
      const message = `${missing(metric)} Until there is one, no error cannot be told from a wrong name: let the servers count from 0.`;
      return { kind: 'no-data', message };
    }
    const absent = labels.find(({ name }) => known.every((series) => series[name] === undefined));
    if (absent !== undefined) {
      const message = `No series of ${metric} has the label '${absent.name}', so ${asked} never finds any error. Correct the name.`;
      return { kind: 'error', message };
    }
  }
  if (query.kind === 'counters') return undefined;
  const message = `${asked} found no series, and that is not the same as no errors. Write a selector of counters, or end the expression with: or vector(0).`;
  return { kind: 'no-data', message };
}

function missing(metric: string): string {
  return `Prometheus has no series of ${metric}: the metric is missing. Check its name, and that Prometheus scrapes the servers.`;
}

/** The values that these labels have together, over all series of a metric. */
async function labelsOf(
  metric: string,
  labels: readonly { readonly name: string }[],
  { prometheus, until, signal }: Asking,
): Promise<readonly Series['labels'][] | Missing> {
  const names = [...new Set(labels.map(({ name }) => name))];
  const answer = await prometheus(`count by (${names.join(', ')}) (${metric})`, until, signal);
  return answer.kind === 'error' ? answer : answer.series.map((series) => series.labels);
}

function valuesOf(known: readonly Series['labels'][], name: string): string[] {
  return [...new Set(known.flatMap((labels) => labels[name] ?? []))].sort();
}

function namesArm(value: string, arm: Arm): boolean {
  return value.includes(arm.version) || value.includes(instanceOf(arm) ?? arm.version);
}

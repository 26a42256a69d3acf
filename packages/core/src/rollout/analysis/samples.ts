import * as z from 'zod/mini';
import { line } from '../line.ts';

/*
 * What an analysis has seen, as the journal keeps it: sums over single requests, from which everything that is judged can be
 * computed, and which do not grow with the number of requests. They are kept apart by step: the split of the traffic is the same
 * within a step, so that there both versions see the same hours of the day, and a step can be asked for samples of its own.
 */

/** How many samples: at least one by type, so that nothing can be taken for a measurement of nothing. */
const count = z.int().check(z.positive()).brand<'at least one'>();
type Count = z.infer<typeof count>;

const proportion = z
  .object({
    kind: z.literal('proportion'),
    n: count,
    /** How many of the samples have the property. */ hits: z.int(),
  })
  .check(z.refine(({ n, hits }) => hits >= 0 && hits <= n));
const moments = {
  n: count,
  mean: z.number(),
  /** Sum of the squared distances from the mean. */
  m2: z.number().check(z.nonnegative()),
};

/** One number per sample, summed up. `log-mean`: of the natural logarithms of the numbers. */
const statistic = z.union([
  proportion,
  z.object({ kind: z.literal('mean'), ...moments }),
  z.object({ kind: z.literal('log-mean'), ...moments }),
]);
export type Statistic = z.infer<typeof statistic>;
export type StatisticKind = Statistic['kind'];

/** The candidate, and beside it what `stable` did in the same time, where it did anything. */
const arms = z.object({ candidate: statistic, stable: z.optional(statistic) });
export type Arms = z.infer<typeof arms>;

/** More parts of the requests are not judged one by one: each costs the others some of the level. */
export const MOST_SLICES = 16;
const slices = z.array(z.object({ name: line, ...arms.shape })).check(z.maxLength(MOST_SLICES));

const window = z.object({ ...arms.shape, /** Parts of the requests by name. */ slices: z.optional(slices) });

/** What was found in a window about one metric. Only `samples` can become a verdict about the candidate. */
const observation = z.union([
  z.object({ kind: z.literal('samples'), ...window.shape }),
  /** The candidate answered nothing that counts. */
  z.object({ kind: z.literal('no-data'), message: line }),
  /** It could not be asked, or the answer makes no sense. */
  z.object({ kind: z.literal('error'), message: line }),
]);
export type Observation = z.infer<typeof observation>;

/** All that is known of one metric. */
const metricSamples = z.object({
  steps: z.array(z.object({ step: z.int(), ...window.shape })),
  /** Why the last window yielded nothing; gone with the next that does. */
  trouble: z.optional(z.object({ kind: z.enum(['no-data', 'error']), message: line })),
});
export type MetricSamples = z.infer<typeof metricSamples>;

/** By metric; the `samples` of a journal. */
export const samplesSchema = z.record(z.string(), metricSamples);
export type Samples = z.infer<typeof samplesSchema>;

/** Sums as a provider has them: of any number of samples, also of none. */
export type Sums =
  | { readonly kind: 'proportion'; readonly n: number; readonly hits: number }
  | { readonly kind: 'mean' | 'log-mean'; readonly n: number; readonly mean: number; readonly m2: number };

/** How many of `values` are true. */
export function proportionOf(values: readonly boolean[]): Sums {
  return { kind: 'proportion', n: values.length, hits: values.filter(Boolean).length };
}

/** Mean and spread of `values` in two passes; of their logarithms for `log-mean`, which needs numbers above zero. */
export function meanOf(kind: 'mean' | 'log-mean', values: readonly number[]): Sums {
  const numbers = kind === 'log-mean' ? values.map((value) => (value > 0 ? Math.log(value) : NaN)) : values;
  const n = numbers.length;
  if (n === 0) return { kind, n, mean: 0, m2: 0 };
  const mean = numbers.reduce((sum, value) => sum + value, 0) / n;
  return { kind, n, mean, m2: numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

interface SumsOfArms {
  readonly candidate: Sums;
  readonly stable?: Sums;
}

/**
 * The observation of a window: `no-data` where the candidate has no samples, `error` where a number is none or the counts
 * contradict each other. An arm of `stable` without samples is left out, and so is a slice without any of the candidate.
 */
export function observe(
  sums: SumsOfArms & { readonly slices?: readonly ({ readonly name: string } & SumsOfArms)[] },
): Observation {
  if (sums.candidate.n === 0) {
    return { kind: 'no-data', message: 'The candidate has no samples in this window.' };
  }
  const slices = sums.slices
    ?.filter(({ candidate }) => candidate.n !== 0)
    .map((slice) => ({ name: slice.name, ...withoutEmpty(slice) }));
  const read = observation.safeParse({
    kind: 'samples',
    ...withoutEmpty(sums),
    ...(slices === undefined ? {} : { slices }),
  });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') ?? '';
  return {
    kind: 'error',
    message: `The samples make no sense${where === '' ? '' : ` (${where})`}: ${line.parse(JSON.stringify(sums).slice(0, 500))}`,
  };
}

function withoutEmpty<T extends { readonly n: number }>({
  candidate,
  stable,
}: {
  readonly candidate: T;
  readonly stable?: T | undefined;
}): { candidate: T; stable?: T } {
  return { candidate, ...(stable === undefined || stable.n === 0 ? {} : { stable }) };
}

/** What the journal knows with what the windows of a step yielded. */
export function merge(
  journalled: Samples,
  step: number,
  observed: readonly { readonly metric: string; readonly observation: Observation }[],
): Samples {
  const samples = new Map(Object.entries(journalled));
  for (const { metric, observation } of observed) {
    samples.set(metric, mergeMetric(samples.get(metric) ?? { steps: [] }, step, observation));
  }
  return Object.fromEntries(samples);
}

function mergeMetric({ steps }: MetricSamples, step: number, found: Observation): MetricSamples {
  if (found.kind !== 'samples') return { steps, trouble: found };
  const known = steps.find((one) => one.step === step);
  const slices = addSlices(known?.slices, found.slices);
  const sum = {
    step,
    ...(known === undefined ? withoutEmpty(found) : addArms(known, found)),
    ...(slices.length === 0 ? {} : { slices }),
  };
  return { steps: [...steps.filter((one) => one !== known), sum] };
}

function addSlices(
  known: z.infer<typeof slices> = [],
  seen: z.infer<typeof slices> = [],
): z.infer<typeof slices> {
  const names = new Set([...known, ...seen].map(({ name }) => name));
  return [...names].slice(0, MOST_SLICES).flatMap((name) => {
    const both = [...known, ...seen].filter((slice) => slice.name === name);
    const [first, second] = both;
    return first === undefined || second === undefined ? both : [{ name, ...addArms(first, second) }];
  });
}

/** Samples of both arms together. */
function addArms(a: Arms, b: Arms): Arms {
  const stable =
    a.stable === undefined || b.stable === undefined ? (a.stable ?? b.stable) : add(a.stable, b.stable);
  return { candidate: add(a.candidate, b.candidate), ...(stable === undefined ? {} : { stable }) };
}

/**
 * Two sets of samples as one (Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample
 * variances", 1979). Of two kinds the newer stays: what is measured was changed while the rollout stood still.
 */
function add(a: Statistic, b: Statistic): Statistic {
  const n = (a.n + b.n) as Count;
  if (a.kind === 'proportion') return b.kind === a.kind ? { ...b, n, hits: a.hits + b.hits } : b;
  if (a.kind !== b.kind) return b;
  const apart = b.mean - a.mean;
  return { ...b, n, mean: a.mean + (apart * b.n) / n, m2: a.m2 + b.m2 + (apart ** 2 * a.n * b.n) / n };
}

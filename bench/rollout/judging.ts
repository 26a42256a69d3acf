import { writeFileSync } from 'node:fs';
import * as os from 'node:os';
import { judge, type Stage } from '@sluice/core/rollout/analysis/judge.ts';
import type { MetricRule } from '@sluice/core/rollout/analysis/metric-rule.ts';
import { worstVerdict } from '@sluice/core/rollout/analysis/metric-verdict.ts';
import { merge, observe, type Arms, type Samples, type Sums } from '@sluice/core/rollout/analysis/samples.ts';
import {
  isShownAbove,
  isShownBelow,
  type Evidence,
} from '@sluice/core/rollout/analysis/sequential/evidence.ts';
import { meanEvidence, type Moments } from '@sluice/core/rollout/analysis/sequential/mean.ts';
import { meansEvidence } from '@sluice/core/rollout/analysis/sequential/means.ts';
import { proportionEvidence } from '@sluice/core/rollout/analysis/sequential/proportion.ts';
import { proportionsEvidence } from '@sluice/core/rollout/analysis/sequential/proportions.ts';
import { writeSection } from '../section.mjs';
import { Draw } from './draw.ts';
import { fixedSamples, kayentaFails, zTestFails } from './peers.ts';

/*
 * Whole rollouts of simulated requests, judged each minute. Usage: npm run bench -- rollout judging
 * Exits 1 when a candidate at its limits fails more often than the level allows.
 */

const ALPHA = 0.05;
const MIN_SAMPLES = 300;
/** Requests in a minute, of both versions together. */
const REQUESTS = 400;
const STEPS = [
  { weight: 5, minutes: 20 },
  { weight: 25, minutes: 10 },
  { weight: 50, minutes: 10 },
] as const;
/** How many times its minutes a step may be held before the candidate goes back. */
const DEADLINE = 2;
const ROLLOUTS = 400;

const rule = (id: string, kind: MetricRule['kind'], limit: MetricRule['limit']): MetricRule => ({
  id,
  kind,
  unit: 'requests',
  limit,
  minSamples: MIN_SAMPLES,
});
const RULES: readonly MetricRule[] = [
  rule('errors', 'proportion', { bound: 'max-increase', value: 0.01, relative: false }),
  rule('latency', 'log-mean', { bound: 'max-increase', value: 0.2, relative: true }),
  rule('agreement', 'proportion', { bound: 'min', value: 0.98 }),
  rule('score-shift', 'mean', { bound: 'within', value: 0.05 }),
];

/** What the candidate is like. `stable` has 0.5 % errors and agrees with itself; the logarithm of a latency has the deviation 0.5. */
interface World {
  readonly errors: number;
  readonly slower: number;
  readonly agreement: number;
  readonly shift: number;
}
const STABLE_ERRORS = 0.005;
const DEVIATION = 0.5;
const SAME: World = { errors: STABLE_ERRORS, slower: 0, agreement: 0.99, shift: 0 };
const AT_LIMITS: World = { errors: STABLE_ERRORS + 0.01, slower: 0.2, agreement: 0.98, shift: 0.05 };

/** One metric each that is beyond its limit, and by how much. */
const WORSE: readonly (readonly [string, World])[] = [
  ['errors +2 pp, where +1 pp is allowed', { ...SAME, errors: STABLE_ERRORS + 0.02 }],
  ['errors +5 pp, where +1 pp is allowed', { ...SAME, errors: STABLE_ERRORS + 0.05 }],
  ['latency +40 %, where +20 % is allowed', { ...SAME, slower: 0.4 }],
  ['agreement 97 %, where 98 % is asked for', { ...SAME, agreement: 0.97 }],
  ['agreement 90 %, where 98 % is asked for', { ...SAME, agreement: 0.9 }],
];
const FEWER = 150;

const draw = new Draw(20240501);
type Found = Readonly<Record<string, { readonly candidate: Sums; readonly stable?: Sums }>>;

/** What n requests to the candidate and m to stable show. */
function seen(world: World, n: number, m: number): Found {
  return {
    errors: { candidate: draw.shares(n, world.errors), stable: draw.shares(m, STABLE_ERRORS) },
    latency: {
      candidate: draw.normals('log-mean', n, Math.log1p(world.slower), DEVIATION),
      stable: draw.normals('log-mean', m, 0, DEVIATION),
    },
    agreement: { candidate: draw.shares(n, world.agreement) },
    'score-shift': { candidate: draw.normals('mean', n, world.shift, 0.1) },
  };
}

interface Outcome {
  /** What the engine does: on, back because of a failure, back because the time was up. */
  readonly end: 'promoted' | 'failed' | 'held too long';
  readonly minutes: number;
  /** Which of the others would have stopped it, without ever holding it. */
  readonly peers: Readonly<Record<Peer, boolean>>;
}
const PEERS = ['zLimits', 'zAny', 'zOnce', 'kayenta'] as const;
type Peer = (typeof PEERS)[number];

function rollout(world: World): Outcome {
  const peers: Record<Peer, boolean> = { zLimits: false, zAny: false, zOnce: false, kayenta: false };
  let samples: Samples = {};
  let end: Outcome['end'] | undefined;
  let minutes = 0;
  for (const [step, { weight, minutes: bake }] of STEPS.entries()) {
    const n = (REQUESTS * weight) / 100;
    const points: Record<string, [number[], number[]]> = {};
    const stage: Stage = { step, steps: STEPS.length, weight, alpha: ALPHA };
    for (let minute = 1; minute <= bake * DEADLINE; minute++) {
      const found = seen(world, n, REQUESTS - n);
      samples = merge(
        samples,
        step,
        Object.entries(found).map(([metric, sums]) => ({ metric, observation: observe(sums) })),
      );
      if (minute <= bake) askPeers(samples, step, found, points, peers, minute === bake);
      if (end === undefined) minutes++;
      const verdict = end === undefined ? worstVerdict(judge(RULES, samples, stage)) : 'fail';
      if (verdict === 'fail') end ??= 'failed';
      if (minute >= bake && (verdict === 'pass' || end !== undefined)) break;
      if (minute === bake * DEADLINE) end = 'held too long';
    }
  }
  return { end: end ?? 'promoted', minutes, peers };
}

function askPeers(
  samples: Samples,
  step: number,
  found: Found,
  points: Record<string, [number[], number[]]>,
  peers: Record<Peer, boolean>,
  isLast: boolean,
): void {
  const once = ALPHA / RULES.length / STEPS.length;
  for (const one of RULES) {
    const arms = samples[one.id]?.steps.find((known) => known.step === step) as Arms;
    if (arms.candidate.n >= 30) {
      peers.zLimits ||= zTestFails(one, arms.candidate, arms.stable, ALPHA);
      peers.zAny ||= zTestFails(one, arms.candidate, arms.stable, ALPHA, true);
    }
    if (isLast) peers.zOnce ||= zTestFails(one, arms.candidate, arms.stable, once);
    const { candidate, stable } = found[one.id] as Found[string];
    if (stable === undefined) continue;
    const [own, others] = (points[one.id] ??= [[], []]);
    own.push(pointOf(candidate));
    others.push(pointOf(stable));
    peers.kayenta ||= kayentaFails(own, others);
  }
}

/** What a monitoring system shows of a minute. */
function pointOf(sums: Sums): number {
  return sums.kind === 'proportion' ? sums.hits / sums.n : Math.exp(sums.mean);
}

function shares(world: World, runs = ROLLOUTS): Record<string, number> {
  const outcomes = Array.from({ length: runs }, () => rollout(world));
  const share = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length / runs;
  const minutes = (of: Outcome['end']): number => {
    const all = outcomes.filter(({ end }) => end === of).map((outcome) => outcome.minutes);
    return all.length === 0 ? 0 : all.reduce((sum, one) => sum + one, 0) / all.length;
  };
  return {
    failed: share(({ end }) => end === 'failed'),
    held: share(({ end }) => end === 'held too long'),
    promoted: share(({ end }) => end === 'promoted'),
    'minutes-to-promote': minutes('promoted'),
    'minutes-to-fail': minutes('failed'),
    ...Object.fromEntries(PEERS.map((peer) => [peer, share(({ peers }) => peers[peer])])),
  };
}

/** A metric that is worse than it may be, and how it is tested here. */
interface Harm {
  readonly name: string;
  readonly limits: readonly number[];
  readonly shown: (limit: number) => string;
  readonly world: World;
  /** How far beyond the limit, and the variance of one sample of the candidate, with the part of stable. */
  readonly size: (limit: number, ratio: number) => readonly [number, number];
  readonly evidence: (arms: { candidate: Sums; stable?: Sums }) => Evidence;
  readonly isHarm: (evidence: Evidence, limit: number, alpha: number) => boolean;
  readonly metric: keyof ReturnType<typeof seen>;
}
/** Of one of four metrics in one of three steps. */
const LEVEL = ALPHA / RULES.length / STEPS.length;
const TUNING = { samples: MIN_SAMPLES, alpha: LEVEL };
const asHits = (sums: Sums | undefined) => sums as Extract<Sums, { kind: 'proportion' }>;
const asMoments = (sums: Sums | undefined) => sums as Extract<Sums, { kind: 'mean' | 'log-mean' }>;
const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;

const HARMS: readonly Harm[] = [
  {
    name: 'errors 0.5 % → 1.5 %',
    metric: 'errors',
    limits: [0.001, 0.005],
    shown: (limit) => `+${(limit * 100).toFixed(1)} pp`,
    world: { ...SAME, errors: STABLE_ERRORS + 0.01 },
    size: (limit, ratio) => [0.01 - limit, 0.015 * 0.985 + (0.005 * 0.995) / ratio],
    evidence: ({ candidate, stable }) =>
      proportionsEvidence(asHits(candidate), asHits(stable), false, TUNING),
    isHarm: isShownAbove,
  },
  {
    name: 'latency +20 %',
    metric: 'latency',
    limits: [0.02, 0.1],
    shown: (limit) => `+${percent(limit, 0)}`,
    world: { ...SAME, slower: 0.2 },
    size: (limit, ratio) => [Math.log(1.2 / (1 + limit)), DEVIATION ** 2 * (1 + 1 / ratio)],
    evidence: ({ candidate, stable }) =>
      meansEvidence(asMoments(candidate), asMoments(stable), false, TUNING),
    isHarm: (evidence, limit, alpha) => isShownAbove(evidence, Math.log1p(limit), alpha),
  },
  {
    name: 'agreement 99 % → 97 %',
    metric: 'agreement',
    limits: [0.988, 0.98],
    shown: (limit) => `at least ${percent(limit)}`,
    world: { ...SAME, agreement: 0.97 },
    size: (limit) => [limit - 0.97, 0.97 * 0.03],
    evidence: ({ candidate }) => proportionEvidence(asHits(candidate), TUNING),
    isHarm: isShownBelow,
  },
];
const DETECTIONS = 100;
const MOST = 200_000;

interface Detected {
  readonly harm: string;
  readonly limit: string;
  readonly weight: number;
  readonly half: number;
  readonly most: number;
  readonly fixed: number;
  readonly kayenta: number | null;
}

/** Samples of the candidate until the harm is shown, looked at each time that a twentieth more is there. */
function detect(harm: Harm, limit: number, weight: number): Detected {
  const ratio = (100 - weight) / weight;
  const needed = Array.from({ length: DETECTIONS }, () => {
    let sums: Found[string] | undefined;
    for (let n = 0; n < MOST;) {
      const more = Math.max(10, Math.ceil(n / 20));
      n += more;
      sums = plus(sums, seen(harm.world, more, Math.round(more * ratio))[harm.metric] as Found[string]);
      if (harm.isHarm(harm.evidence(sums), limit, LEVEL)) return n;
    }
    return Infinity;
  }).sort((a, b) => a - b);
  const [beyond, variance] = harm.size(limit, ratio);
  return {
    harm: harm.name,
    limit: harm.shown(limit),
    weight,
    half: needed[DETECTIONS / 2] ?? NaN,
    most: needed[(DETECTIONS * 4) / 5] ?? NaN,
    fixed: fixedSamples(LEVEL, variance, beyond),
    kayenta: harm.metric === 'agreement' ? null : kayentaNeeds(harm, weight),
  };
}

function plus(known: Found[string] | undefined, more: Found[string]): Found[string] {
  if (known === undefined) return more;
  const all = merge(merge({}, 0, [{ metric: 'x', observation: observe(known) }]), 0, [
    { metric: 'x', observation: observe(more) },
  ]);
  return all['x']?.steps[0] as Found[string];
}

/** Samples of the candidate, a minute's at a time, after which 80 % of Kayenta's judgements are High. */
function kayentaNeeds(harm: Harm, weight: number): number | null {
  const n = (REQUESTS * weight) / 100;
  const needed = Array.from({ length: 40 }, () => {
    const [own, others]: [number[], number[]] = [[], []];
    for (let minute = 1; minute <= 300; minute++) {
      const { candidate, stable } = seen(harm.world, n, REQUESTS - n)[harm.metric] as Required<Found[string]>;
      own.push(pointOf(candidate));
      others.push(pointOf(stable));
      if (minute % 5 === 0 && kayentaFails(own, others)) return minute * n;
    }
    return Infinity;
  }).sort((a, b) => a - b);
  const most = needed[32] ?? Infinity;
  return Number.isFinite(most) ? most : null;
}

/** Numbers with the mean 0, of the kinds that are hard for a test of means. */
const SHAPES: readonly (readonly [string, () => number])[] = [
  ['normal, as logarithms of latencies are', () => draw.normal()],
  [
    '0 but for 5 % of −0.5 to 0.5, as changes of scores are',
    () => (draw.uniform() < 0.05 ? draw.uniform() - 0.5 : 0),
  ],
  ['a long tail on the good side (exponential)', () => 1 + Math.log(draw.uniform())],
  ['a long tail on the bad side (exponential)', () => -Math.log(draw.uniform()) - 1],
  ['a very long tail on the good side (log-normal)', () => Math.exp(0.5) - Math.exp(draw.normal())],
];
const SHAPE_RUNS = 1000;
const LOOKS = [50, 60, 80, 100, 130, 160, 200, 250, 300, 400, 500, 650, 800, 1000, 1300, 1600, 2000];

function levelOfMeans(next: () => number): { one: number; two: number } {
  let [one, two] = [0, 0];
  for (let run = 0; run < SHAPE_RUNS; run++) {
    const candidate = new Sum();
    const stable = new Sum();
    const failed = LOOKS.map((n) => {
      while (candidate.n < n) candidate.add(next());
      while (stable.n < 3 * n) stable.add(next());
      return [
        isShownAbove(meanEvidence(candidate, { samples: 100, alpha: ALPHA }), 0, ALPHA),
        isShownAbove(meansEvidence(candidate, stable, false, { samples: 100, alpha: ALPHA }), 0, ALPHA),
      ];
    });
    if (failed.some(([single]) => single)) one++;
    if (failed.some(([, both]) => both)) two++;
  }
  return { one: one / SHAPE_RUNS, two: two / SHAPE_RUNS };
}

class Sum implements Moments {
  n = 0;
  mean = 0;
  m2 = 0;
  add(x: number): void {
    this.n++;
    const apart = x - this.mean;
    this.mean += apart / this.n;
    this.m2 += apart * (x - this.mean);
  }
}

/** How often a difference of shares that is exactly what is allowed fails, with ever more samples. */
function levelOfShares(stable: number, allowed: number, weight: number): number {
  const runs = 400;
  const ratio = (100 - weight) / weight;
  const failed = Array.from({ length: runs }, () => {
    let [n, hits, others, otherHits] = [0, 0, 0, 0];
    return [5, 10, 20, ...LOOKS].some((look) => {
      const more = Math.round((look - n) * ratio);
      hits += draw.hits(look - n, stable + allowed);
      otherHits += draw.hits(more, stable);
      [n, others] = [look, others + more];
      const evidence = proportionsEvidence({ n, hits }, { n: others, hits: otherHits }, false, {
        samples: 100,
        alpha: ALPHA,
      });
      return isShownAbove(evidence, allowed, ALPHA);
    });
  });
  return failed.filter(Boolean).length / runs;
}

const say = (what: string): void => void process.stderr.write(`${what}\n`);
say('whole rollouts');
const same = shares(SAME);
const limits = shares(AT_LIMITS);
say('what it takes to find harm');
const detected = HARMS.flatMap((harm) =>
  // Agreement is of pairs of answers, whatever the split.
  harm.limits.flatMap((limit) =>
    (harm.metric === 'agreement' ? [50] : [5, 50]).map((weight) => detect(harm, limit, weight)),
  ),
);
say('levels');
const means = SHAPES.map(([name, next]) => ({ name, ...levelOfMeans(next) }));
const errorRates = [0.0005, 0.005, 0.05].flatMap((stable) =>
  [5, 50].map((weight) => ({ stable, weight, share: levelOfShares(stable, 0.01, weight) })),
);
say('worse than allowed');
const worse = WORSE.map(([name, world]) => ({ name, ends: shares(world, FEWER) }));
const figures = {
  alpha: ALPHA,
  rollouts: ROLLOUTS,
  same,
  limits,
  detected,
  means,
  'error-rates': errorRates,
  worse,
};
writeFileSync(new URL('judging.json', import.meta.url), `${JSON.stringify(figures, null, 2)}\n`);

const line = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const count = (n: number | null): string => (n === null ? 'not in 300 minutes' : n.toLocaleString('en-US'));
const row = (name: string, key: string): string =>
  line(name, percent(same[key] ?? NaN), percent(limits[key] ?? NaN));
writeSection(
  new URL('results.md', import.meta.url),
  'judging',
  `## How a rollout is judged

Made by \`npm run bench -- rollout judging\` on Node ${process.version}, ${os.availableParallelism()} cores; the seed is fixed. The figures are in \`judging.json\` as well.

### Candidates that should not fail

${ROLLOUTS} simulated rollouts of ${STEPS.map(({ weight, minutes }) => `${weight} % for ${minutes} minutes`).join(', ')}, with ${REQUESTS} requests a minute,
looked at each minute. Four metrics: errors (at most +1 pp), latency (at most +20 %), agreement (at least 98 %), score shift (at most 0.05);
${MIN_SAMPLES} samples a step, and a level of ${percent(ALPHA, 0)} for all of it. "The same": the candidate is what stable is, and agrees in 99 %. "At its limits":
every metric is exactly what is allowed, which is the hardest case. Share of rollouts that are stopped:

| judged by | the same | at its limits |
| --- | ---: | ---: |
${row('**Sluice**: failed, at most 5 %', 'failed')}
${row(`Sluice: held for ${DEADLINE} times as long, and then back`, 'held')}
${row('z-tests of the same limits at 5 %, read each minute', 'zLimits')}
${row('z-tests of any change at 5 %, read each minute', 'zAny')}
${row('z-tests of the same limits, read once a step, 5 % shared among all', 'zOnce')}
${row("as Kayenta's judge does (errors and latency; any change)", 'kayenta')}

Who is promoted took ${(same['minutes-to-promote'] ?? NaN).toFixed(1)} minutes on average; without any holding it is ${STEPS.reduce((sum, { minutes }) => sum + minutes, 0)}.
What a candidate at its limits shows is above them as often as below, so that it is held: nobody can say that it is good.

### Candidates that are worse than allowed

${FEWER} rollouts each, of the same kind. Who is held goes back as well; promoted is what a team would have had to live with.

| the candidate has | failed | after minutes | held, then back | promoted |
| --- | ---: | ---: | ---: | ---: |
${worse.map(({ name, ends }) => line(name, percent(ends['failed'] ?? NaN), (ends['minutes-to-fail'] ?? NaN).toFixed(1), percent(ends['held'] ?? NaN), percent(ends['promoted'] ?? NaN))).join('\n')}

### Samples until harm is found

Samples of the candidate at the level of one of four metrics in one of three steps (${percent(LEVEL, 2)}), ${DETECTIONS} simulations each, looked at whenever a twentieth more
has come. Beside them a test that may be read once, when it has the samples that find the harm in 80 % of cases, and Kayenta's judge every five minutes (it has no such level, see above).

| harm | allowed | weight | half of the time | 80 % | one look | Kayenta, 80 % |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
${detected.map((one) => line(one.harm, one.limit, one.harm.startsWith('agreement') ? '' : `${one.weight} %`, count(one.half), count(one.most), count(one.fixed), one.harm.startsWith('agreement') ? '' : count(one.kayenta))).join('\n')}

### The level at the limit

How often one test at 5 % ever fails what is exactly at its limit, in ${LOOKS.length} looks between ${LOOKS[0]} and ${LOOKS.at(-1)} samples. Shares are exact for any number of samples;
means are so only for many, and skewed ones need more.

| mean | one | two |
| --- | ---: | ---: |
${means.map(({ name, one, two }) => line(name, percent(one), percent(two))).join('\n')}

| errors of stable, +1 pp is allowed | weight | failed |
| --- | ---: | ---: |
${errorRates.map(({ stable, weight, share }) => line(percent(stable, 2), `${weight} %`, percent(share))).join('\n')}
`,
);

// Three standard errors: what chance adds to a share that is exactly at the level.
const most = ALPHA + 3 * Math.sqrt((ALPHA * (1 - ALPHA)) / ROLLOUTS);
const missed = [
  (same['failed'] ?? 1) > most && 'a candidate that is the same fails too often',
  (limits['failed'] ?? 1) > most && 'a candidate at its limits fails too often',
  errorRates.some(({ share }) => share > most) && 'a share at its limit fails too often',
].filter((one) => one !== false);
for (const one of missed) console.error(one);
if (missed.length > 0) process.exitCode = 1;

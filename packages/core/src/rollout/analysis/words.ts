import { valueOf, type Finding } from './examine.ts';
import { isOnChange, type MetricRule } from './metric-rule.ts';
import type { Arms } from './samples.ts';

/*
 * What an analysis found, in a sentence. Shares are in percent and their changes in percentage points (`pp`), relative changes
 * in percent, all else in the measure of the rule.
 */

/** Why a verdict is as it is. */
export type Ground =
  /** It is shown that the candidate is beyond the limit. */
  | 'harm'
  /** What was sampled is not what the rule is about. */
  | 'other-kind'
  /** There is no part of what is not above zero. */
  | 'no-number'
  | 'few'
  | 'few-of-stable'
  | 'none-of-stable'
  /** Beyond the limit, and not shown to be more than chance. */
  | 'chance'
  /** The candidate has all traffic: there is nothing beside it. */
  | 'stable-gone'
  | 'within';

interface Found {
  readonly rule: MetricRule;
  readonly arms: Arms;
  readonly finding: Finding | undefined;
  /** Of the finding's interval. */
  readonly confidence: number;
  readonly slice: string | undefined;
}

/** One sentence that says what was seen, what is allowed, and how sure that is. */
export function explain(ground: Ground, found: Found): string {
  const { rule, arms, slice } = found;
  const where = slice === undefined ? '' : ` where ${slice}`;
  return `${rule.id}${where}: ${sentence(ground, found, arms)}.`;
}

function sentence(ground: Ground, found: Found, { candidate, stable }: Arms): string {
  const { rule } = found;
  const seen = seenText(found);
  const needed = `${counted(candidate.n)} of the ${counted(rule.minSamples)} ${rule.unit} that this step needs`;
  switch (ground) {
    case 'harm':
      return `${seen}; ${beyondText(found)} (${intervalText(found)})`;
    case 'chance':
      return `${seen}; ${beyondText(found)}, which may be chance (${intervalText(found)})`;
    case 'within':
      return `${seen}; ${allowedText(found)} (${intervalText(found)})`;
    case 'few':
      return `${needed}; so far ${seen}`;
    case 'few-of-stable':
      return `${seen}; ${counted(Math.ceil(rule.minSamples / 2))} of stable are needed to compare with`;
    case 'none-of-stable':
      return `${seen}, and none of stable to compare with`;
    case 'stable-gone':
      return `${seen}; not compared with stable, which gets no traffic any more`;
    case 'no-number':
      return `${seen}; a part of what is not above zero means nothing, so ask for a change in numbers`;
    case 'other-kind':
      return `the samples are a ${candidate.kind}${stable === undefined ? '' : ` and a ${stable.kind}`}, and the rule is about a ${rule.kind}`;
  }
}

/** `3.1 % of 812 requests against 0.4 % of 15,204 of stable`. */
function seenText({ rule, arms: { candidate, stable }, finding }: Found): string {
  const [own = '', other = ''] = written(
    [valueOf(candidate), !isOnChange(rule.limit) ? finding?.limit : stable && valueOf(stable)],
    valueScale(rule),
  );
  const of = rule.kind === 'proportion' ? 'of' : 'in';
  const beside =
    isOnChange(rule.limit) && stable !== undefined
      ? ` against ${other} ${of} ${counted(stable.n)} of stable`
      : '';
  return `${own} ${of} ${counted(candidate.n)} ${rule.unit}${beside}`;
}

/** `more than the allowed 1 %`, `+29 % is more than the allowed +20 %`. */
function beyondText(found: Found): string {
  const { rule, finding } = found;
  const [estimate = '', limit = ''] = written([finding?.estimate, finding?.limit], limitScale(rule));
  switch (rule.limit.bound) {
    case 'max':
      return `more than the allowed ${limit}`;
    case 'min':
      return `less than the ${limit} that is asked for`;
    case 'within':
      return `further from zero than the allowed ${limit}`;
    case 'max-increase':
    case 'max-decrease':
      return `${estimate} is more than the allowed ${limit}`;
  }
}

function allowedText({ rule, finding }: Found): string {
  const [estimate = '', limit = ''] = written([finding?.estimate, finding?.limit], limitScale(rule));
  switch (rule.limit.bound) {
    case 'max':
      return `at most ${limit} is allowed`;
    case 'min':
      return `at least ${limit} is asked for`;
    case 'within':
      return `at most ${limit} in either direction is allowed`;
    case 'max-increase':
    case 'max-decrease':
      return `${estimate}, and ${limit} is allowed`;
  }
}

/** `always-valid 95 % interval 1.6 to 4.9 %`. */
function intervalText({ rule, finding, confidence }: Found): string {
  const [low = null, high = null] = finding?.interval ?? [];
  const level = `always-valid ${Number((confidence * 100).toPrecision(3))} % interval`;
  const of = isOnChange(rule.limit) ? ' of the change' : '';
  const [from = '', to = ''] = written([low ?? undefined, high ?? undefined], limitScale(rule));
  if (low === null && high === null) return `${level}${of}: not known yet`;
  if (low === null) return `${level}${of} up to ${to}`;
  return high === null ? `${level}${of} from ${from}` : `${level}${of} ${from} to ${to}`;
}

/** How numbers are written: by which factor, and with what behind them. */
interface Scale {
  readonly factor: number;
  readonly suffix: string;
  readonly signed: boolean;
}

function valueScale({ kind, measure }: MetricRule): Scale {
  if (kind === 'proportion') return { factor: 100, suffix: ' %', signed: false };
  return { factor: 1, suffix: measure === undefined ? '' : ` ${measure}`, signed: false };
}

/** Of what the limit is on: a value, or a change. */
function limitScale(rule: MetricRule): Scale {
  const { limit, kind } = rule;
  if (!isOnChange(limit)) return valueScale(rule);
  if (limit.relative || kind === 'log-mean') return { factor: 100, suffix: ' %', signed: true };
  if (kind === 'proportion') return { factor: 100, suffix: ' pp', signed: true };
  return { ...valueScale(rule), signed: true };
}

/** Digits that are shown where they keep different numbers different. */
const DIGITS = 2;
const MOST_DIGITS = 15;

/** Numbers on one scale, with as many digits as it takes to keep different ones different. */
function written(values: readonly (number | undefined)[], { factor, suffix, signed }: Scale): string[] {
  const scaled = values.map((value) => (value === undefined ? NaN : value * factor));
  for (let digits = DIGITS; digits < MOST_DIGITS; digits++) {
    const texts = scaled.map((value) => `${rounded(value, digits, signed)}${suffix}`);
    if (new Set(texts).size === new Set(scaled).size) return texts;
  }
  return scaled.map((value) => `${value}${suffix}`);
}

function rounded(value: number, digits: number, signed: boolean): string {
  const size = Math.abs(value);
  const short = size >= 10 ** digits ? Math.round(size) : Number(size.toPrecision(digits));
  const sign = value < 0 ? '−' : signed && value > 0 ? '+' : '';
  return `${sign}${short.toLocaleString('en-US', { maximumFractionDigits: MOST_DIGITS })}`;
}

function counted(n: number): string {
  return n.toLocaleString('en-US');
}

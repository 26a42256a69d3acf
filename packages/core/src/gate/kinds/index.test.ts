import { describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { acknowledgeFailures, verdictDigest } from '../acknowledge.ts';
import { DEFAULT_CERTAINTY } from '../certainty.ts';
import { effectOf, gateVerdict, leftOpen } from '../gate-verdict.ts';
import { judge } from '../judge.ts';
import { usesTestSetUp, withUse } from '../limited-use.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../measured-models.ts';
import { resultLists } from '../report/result.ts';
import { describeResult, labelOf } from '../report/sentences.ts';
import type { Sample } from '../sample.ts';
import { setAside, whySetAside } from '../set-aside.ts';
import { settleRules } from '../settle.ts';
import { PLAIN } from '../statistics/choice.ts';
import { differentTestSet, needTestSet } from '../test-set-doubts.ts';
import { KIND_NAMES, KINDS, kindOf, rowOf, type AnyResult, type AnyRule } from './index.ts';
import { ruleSchemas, type Kind, type WrittenRule } from './schemas.ts';

const ROWS = 1000;
const NONE: MeasuredBaseline = { kind: 'none' };

/** Labels are half ones; the first `missed` rows are predicted as zeros. */
function sample(missed: number): Sample {
  const label = Float64Array.from({ length: ROWS }, (_, i) => i % 2);
  return { rows: ROWS, label, prediction: label.map((y, i) => (i < missed ? 0 : y)), positive: '1' };
}

function candidate(missed: number): MeasuredCandidate {
  return {
    sample: sample(missed),
    ids: Array.from({ length: ROWS }, (_, i) => `row-${i}`),
    column: () => Array.from({ length: ROWS }, (_, i) => (i < 500 ? 'a' : 'b')),
    logged: new Map(),
  };
}

const against = (missed: number): MeasuredBaseline => ({
  kind: 'present',
  sample: { kind: 'same', value: sample(missed) },
  logged: { kind: 'absent' },
});

const DIFFERENT = { kind: 'different', message: 'Other rows.' } as const;
/** Measured on other rows. */
const ELSEWHERE: MeasuredBaseline = { kind: 'present', sample: DIFFERENT, logged: DIFFERENT };

/** Every kind has an example beside its schema. */
async function exampleOf(kind: Kind): Promise<WrittenRule> {
  return ((await import(`./${kind}/example.ts`)) as { EXAMPLE: WrittenRule }).EXAMPLE;
}

async function settled(kind: Kind): Promise<AnyRule[]> {
  return settleRules([await exampleOf(kind)], {
    layout: PLAIN,
    readLines: () => Promise.reject(new Error('An example names no file.')),
  });
}

/** The results of the example where the candidate is as good, better, worse, the first, and was not measured. */
async function resultsOf(kind: Kind): Promise<AnyResult[][]> {
  const rules = await settled(kind);
  const nothing: MeasuredCandidate = { column: () => undefined, logged: new Map() };
  const cases: readonly (readonly [MeasuredCandidate, MeasuredBaseline])[] = [
    [candidate(0), against(0)],
    [candidate(0), against(800)],
    [candidate(600), against(0)],
    [candidate(0), NONE],
    [nothing, NONE],
  ];
  return cases.map(([model, baseline]) =>
    judge(rules, { candidate: model, baseline, certainty: DEFAULT_CERTAINTY }),
  );
}

test('the table has the kinds in the order of their schemas, and lists with different keys', () => {
  expect(KIND_NAMES).toEqual(Object.keys(ruleSchemas));
  const keys = KIND_NAMES.map((kind) => KINDS[kind].list.key);
  expect(new Set(keys).size).toBe(KIND_NAMES.length);
});

describe.each(KIND_NAMES.map((kind) => [kind]))('the kind %s', (kind) => {
  test('has a key of its own, by which its rules are told apart', async () => {
    const example = await exampleOf(kind);
    expect(z.safeParse(ruleSchemas[kind], example).success).toBe(true);
    expect(kindOf(example)).toBe(kind);
    const others = KIND_NAMES.filter((other) => kind in ruleSchemas[other].shape);
    expect(others).toEqual([kind]);
  });

  test('names, settles and judges its rules', async () => {
    const example = await exampleOf(kind);
    const [, better, worse, first, unmeasured] = await resultsOf(kind);
    for (const results of await resultsOf(kind)) {
      expect(results.length).toBeGreaterThan(0);
      for (const result of results) {
        expect(result).toMatchObject({ kind, id: rowOf(kind).nameOf(example), rule: { kind } });
      }
    }
    const effects = [better, worse, first, unmeasured].map((results = []) => results.map(effectOf));
    expect(effects[0]).not.toContain('fail');
    expect(effects[1]).toContain('fail');
    expect(effects[2]?.every((effect) => effect === 'new-baseline')).toBe(true);
    expect(effects[3]).toContain('error');
  });

  test('says what it found, and why it is no pass', async () => {
    for (const result of (await resultsOf(kind)).flat()) {
      const { words } = rowOf(kind);
      expect(labelOf(result)).toContain(result.id);
      expect(describeResult(result)).toMatch(/^\S.*\.$/s);
      expect(words.ruleText(result)).toMatch(new RegExp(`^\\{${kind}: .*\\}$`));
      expect(words.fix(result)).toMatch(/\.$/);
      expect(words.isInformational(result)).toBe(false);
      const { decision, reason } = gateVerdict([result], true, 'absolute-only');
      const isOpen = leftOpen(result) !== 'nothing';
      expect(reason === 'ok').toBe(decision === 'pass' && !isOpen);
    }
  });

  test('cannot judge against other rows, and judges as without a baseline where that is set aside', async () => {
    const rules = await settled(kind);
    const models = { candidate: candidate(0), certainty: DEFAULT_CERTAINTY };
    expect(needTestSet(rules, models)).toBe(true);
    const aside = setAside(ELSEWHERE);
    expect(whySetAside(aside)).toBe('Other rows.');
    const results = judge(rules, { ...models, baseline: aside });
    expect(results).toEqual(judge(rules, { ...models, baseline: NONE }));
    expect(differentTestSet(aside, 'warn', results)?.sentence).toMatch(/ is not compared .* Other rows\.$/);
    expect(differentTestSet(aside, 'absolute-only', results)).toBeUndefined();
    // Scored again, so that only what was logged is set aside.
    const again = setAside({ ...against(0), ...{ logged: DIFFERENT } });
    const compared = judge(rules, { ...models, baseline: again });
    expect(differentTestSet(again, 'warn', compared)).toBeUndefined();
  });

  test('has its list in the result, valid under its schema', async () => {
    for (const results of await resultsOf(kind)) {
      const { key, schema } = KINDS[kind].list;
      const lists: Readonly<Record<string, readonly object[]>> = resultLists(results);
      expect(lists[key]).toHaveLength(results.length);
      expect(z.safeParse(schema, lists[key])).toMatchObject({ success: true });
      const others = Object.entries(lists).filter(([other]) => other !== key);
      expect(others.every(([, list]) => list.length === 0)).toBe(true);
    }
  });

  test('has a part in the report where a rule fails, and none without a rule', async () => {
    const failing = (await resultsOf(kind))[2] ?? [];
    const { glance = '', news = '' } = rowOf(kind).parts(failing, true);
    expect(glance + news).toContain('**fail**');
    const empty = rowOf(kind).parts([], true);
    expect(Object.values(empty).flat().join('')).toBe('');
  });

  test('can be accepted where it fails, by its own numbers alone', async () => {
    const [, better = [], worse = []] = await resultsOf(kind);
    expect(gateVerdict(acknowledgeFailures(worse), true, 'absolute-only')).toMatchObject({
      decision: 'warn',
      reason: 'acknowledged',
    });
    expect(verdictDigest([...worse, ...better])).toBe(verdictDigest(worse));
    expect(verdictDigest(worse)).not.toBe(verdictDigest([]));
  });

  test('holds on a test set that was not used before, and where nobody counts as it did', async () => {
    for (const results of await resultsOf(kind)) {
      const fresh = withUse(results, { kind: 'counted', position: 1, used: 1, isUsedUp: false });
      expect(fresh).toEqual(results);
      const isLimited = rowOf(kind).limitedUse !== undefined;
      expect(usesTestSetUp(results) && !isLimited).toBe(false);
    }
  });
});

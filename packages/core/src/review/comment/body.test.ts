import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COMMENT_LIMIT, details } from '../../report/markdown.ts';
import type { Section } from '../../report/sections.ts';
import { pointer, renderLegs } from './body.ts';
import { readLegs } from './leg-text.ts';
import { MOST_LEGS, STATES, holdsLegs, mergeLegs, onlyLeg, type Leg, type Legs } from './legs.ts';

const address = (run: number): string => `https://github.com/acme/flights/actions/runs/${run}`;

const row = '| a | 🙂 |\n';
const markdown = fc.oneof(
  fc.constant(''),
  fc.string({ maxLength: 80 }),
  fc.nat({ max: 900 }).map((n) => details('All', `| x | y |\n| --- | --- |\n${row.repeat(n)}`)),
  fc.nat({ max: 900 }).map((n) => `\`\`\`mermaid\n${'line 🙂\n'.repeat(n)}\`\`\``),
  fc.constantFrom(
    '<!-- sluice:end -->',
    '<!-- sluice:part verdict -->',
    '<!-- sluice:leg key="x" run=9.9.ff commit=aa state=pass -->\n<!-- sluice:end -->',
    'text `<!-- sluice:end -->` text',
  ),
);
const report: fc.Arbitrary<Section[]> = fc
  .array(fc.record({ weight: fc.constantFrom('finding', 'appendix', 'chart', 'verdict'), markdown }), {
    maxLength: 5,
  })
  .map((parts): Section[] => [{ weight: 'verdict', markdown: '### It fails' }, ...parts]);

const key = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9 ._+=:,/-]{0,30}[A-Za-z0-9])?$/);
/** What a step writes follows from which step it is; its id is its own. */
const leg: fc.Arbitrary<Leg> = fc
  .record({
    key: fc.oneof(fc.constant(''), key),
    run: fc.integer({ min: 1, max: 3 }),
    attempt: fc.integer({ min: 1, max: 2 }),
    id: fc.integer({ min: 0, max: 40 }),
    report,
  })
  .map(({ id, run, attempt, ...rest }): Leg => ({
    ...rest,
    writer: { run, attempt, id: id.toString(16) },
    commit: (id % 3 === 0 ? 'a' : 'b').repeat(12),
    state: STATES[id % STATES.length] as Leg['state'],
    ...(id % 2 === 0
      ? {}
      : { numbers: { digest: `${id}`.padStart(16, 'a'), shown: new Date('2026-01-02T03:04:05Z') } }),
  }));
const legs: fc.Arbitrary<Legs> = fc
  .array(leg, { minLength: 1, maxLength: 12 })
  .map((all) => all.map(onlyLeg).reduce(mergeLegs));

/** What is known of legs beside their reports. */
const facts = (all: Legs): unknown[] =>
  [...all.values()].map(({ report: _report, ...rest }) => rest).sort((a, b) => (a.key < b.key ? -1 : 1));

describe('merging legs', () => {
  test('is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(legs, legs, legs, (a, b, c) => {
        expect(facts(mergeLegs(a, b))).toEqual(facts(mergeLegs(b, a)));
        expect(facts(mergeLegs(mergeLegs(a, b), c))).toEqual(facts(mergeLegs(a, mergeLegs(b, c))));
        expect(facts(mergeLegs(a, a))).toEqual(facts(a));
        expect(holdsLegs(mergeLegs(a, b), a)).toBe(true);
      }),
    );
  });

  test.each([
    ['a later run', { run: 2, attempt: 1, id: 'a' }, 'pass', { run: 1, attempt: 3, id: 'b' }, 'fail'],
    ['a later attempt', { run: 1, attempt: 2, id: 'a' }, 'pass', { run: 1, attempt: 1, id: 'b' }, 'fail'],
    [
      'the worse of one attempt',
      { run: 1, attempt: 1, id: 'a' },
      'fail',
      { run: 1, attempt: 1, id: 'b' },
      'pass',
    ],
  ] as const)('keeps %s', (_what, writer, state, other, otherState) => {
    const one = { key: 'k', commit: 'aa', report: [] };
    const merged = mergeLegs(
      onlyLeg({ ...one, writer, state }),
      onlyLeg({ ...one, writer: other, state: otherState }),
    );
    expect(merged.get('k')).toMatchObject({ writer, state });
  });
});

describe('the comment', () => {
  test('is never too long, loses no leg, cuts nothing apart, and can be read again', () => {
    fc.assert(
      fc.property(legs, (all) => {
        const text = renderLegs('flights', all, address);
        expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
        expect(Buffer.from(text).toString()).toBe(text);
        const again = readLegs(text);
        expect(facts(again)).toEqual(facts(all));
        expect((text.match(/^<details>/gm) ?? []).length).toBe((text.match(/^<\/details>/gm) ?? []).length);
        expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
      }),
    );
  });

  test('stays as it is when it is read and written again', () => {
    fc.assert(
      fc.property(legs, (all) => {
        const text = renderLegs('flights', all, address);
        expect(renderLegs('flights', readLegs(text), address)).toBe(text);
      }),
    );
  });

  const long = (name: string, size: number): Leg => ({
    key: name,
    writer: { run: 12_345_678_901, attempt: 1, id: '0123abcd' },
    commit: 'c'.repeat(12),
    state: 'warn',
    numbers: { digest: '0123456789abcdef', shown: new Date('2026-01-02T03:04:05Z') },
    report: [
      { weight: 'verdict', markdown: `### ${name} fails` },
      { weight: 'appendix', markdown: 'x'.repeat(size) },
    ],
  });

  test('holds as many legs with long keys as a matrix has jobs', () => {
    const all = Array.from({ length: MOST_LEGS }, (_, i) => long(`${i}`.padStart(32, 'key_'), 1000));
    const text = renderLegs('flights', all.map(onlyLeg).reduce(mergeLegs), address);
    expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
    expect(readLegs(text).size).toBe(MOST_LEGS);
  });

  test('shortens the long report and leaves the short one alone, and says once where the rest is', () => {
    const short = long('short', 1000);
    const text = renderLegs('flights', mergeLegs(onlyLeg(long('long', 80_000)), onlyLeg(short)), address);
    expect(readLegs(text).get('short')?.report).toEqual(short.report);
    expect(readLegs(text).get('long')?.report).toEqual([
      { weight: 'verdict', markdown: '### long fails' },
      { weight: 'verdict', markdown: pointer(address(12_345_678_901)) },
    ]);
    const more = mergeLegs(readLegs(text), onlyLeg(long('more', 64_000)));
    expect(readLegs(renderLegs('flights', more, address)).get('long')?.report).toHaveLength(2);
  });

  test('says of each leg what it came to, the newest commit first of all', () => {
    const commit = 'd'.repeat(40);
    const at = (name: string, state: Leg['state'], run = 2): Leg => ({
      ...long(name, 9),
      state,
      commit,
      writer: { run, attempt: 1, id: 'aa' },
    });
    const earlier = { ...long('us-9', 9), writer: { run: 1, attempt: 1, id: 'aa' }, state: 'fail' as const };
    const all = [at('eu-10', 'pass'), at('eu-9', 'fail'), at('ap', 'accepted'), earlier].map(onlyLeg);
    const text = renderLegs('flights', all.reduce(mergeLegs), address);
    expect(text).toContain(
      '### `flights` at `ddddddd`: 1 failed, 1 failed and accepted, 1 passed, 1 not judged yet',
    );
    expect(text).toContain(
      [
        '| Matrix | Verdict |',
        '| --- | --- |',
        '| `ap` | **fail, acknowledged** |',
        '| `eu-9` | **fail** |',
        '| `eu-10` | pass |',
        '| `us-9` | not judged yet (failed at `ccccccc`) |',
      ].join('\n'),
    );
    expect(text).not.toContain('us-9 fails');
    expect(text).toContain('eu-10 fails');
  });
});

test('a person may edit the comment around its sections', () => {
  const text = renderLegs('flights', onlyLeg({ ...onlyLegOf('k') }), address);
  expect([...readLegs(`Hello\n${text}\nmore`).keys()]).toEqual(['k']);
  expect(readLegs(text.replace('<!-- sluice:end -->', '')).size).toBe(0);
  expect(readLegs(text.replace('state=pass', 'state=great')).size).toBe(0);
});

function onlyLegOf(name: string): Leg {
  return { key: name, writer: { run: 1, attempt: 1, id: 'a' }, commit: 'aa', state: 'pass', report: [] };
}

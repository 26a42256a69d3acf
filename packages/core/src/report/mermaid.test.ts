import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diagramsOf, parseDiagram } from '@sluice/testing/mermaid.ts';
import { lineChart, MERMAID_LIMIT, shareChart, spanChart, type SpanRow } from './mermaid.ts';

const text = { title: 'Title', description: 'What it shows.' };
/** Names that mean something to mermaid, markdown or HTML. */
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    'a: b',
    'x #35; y',
    '%% comment',
    '%%{init: {"securityLevel": "loose"}}%%',
    '```',
    '"] line [1',
    'section other',
    '<script>alert(1)</script>',
    'click here call me()',
    'line\nbreak',
    '',
    '; end',
    'accDescr {',
  ),
);
const number = fc.double({ noNaN: true, min: -1e15, max: 1e15 });

/** The one diagram of a chart, which has to be short enough. */
async function kindOf(chart: string): Promise<string> {
  const [diagram = '', ...more] = diagramsOf(chart);
  expect(more).toEqual([]);
  expect(diagram.length).toBeLessThanOrEqual(MERMAID_LIMIT);
  return parseDiagram(diagram);
}

describe('mermaid itself reads every chart, whatever the names and numbers', () => {
  test('lines', async () => {
    const points = fc.array(fc.record({ label: name, value: number }), { minLength: 2, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(name, points, async (title, given) => {
        const chart = lineChart({ title, description: title, axis: title, points: given });
        expect(await kindOf(chart)).toBe('xychart');
      }),
    );
  });

  test('shares', async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const points = fc.array(fc.record({ expected: share, found: share }), { minLength: 2, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(name, points, async (axis, given) => {
        const chart = shareChart({ ...text, expectedAxis: axis, foundAxis: axis, points: given });
        expect(await kindOf(chart)).toBe('xychart');
      }),
    );
  });

  test('spans', async () => {
    const position = fc.double({ min: -1000, max: 1000, noNaN: true });
    const row: fc.Arbitrary<SpanRow> = fc.record({
      label: name,
      allowedFrom: position,
      allowedText: name.map((n) => `allowed ${n}`),
      from: position,
      to: position,
      spanText: name.map((n) => `change ${n}`),
      alarming: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 10 }), async (rows) => {
        expect(await kindOf(spanChart({ ...text, rows }))).toBe('gantt');
      }),
    );
  });
});

describe('there is no chart', () => {
  test.each([
    ['of one point', lineChart({ ...text, axis: 'y', points: [{ label: 'v1', value: 1 }] })],
    [
      'of what is not a number',
      lineChart({
        ...text,
        axis: 'y',
        points: [
          { label: 'v1', value: 1 },
          { label: 'v2', value: NaN },
        ],
      }),
    ],
    ['without rows', spanChart({ ...text, rows: [] })],
    [
      'that GitHub would not draw',
      lineChart({
        ...text,
        axis: 'y',
        points: Array.from({ length: 5_000 }, (_, i) => ({ label: `version ${i}`, value: i })),
      }),
    ],
  ])('%s', (_, chart) => {
    expect(chart).toBe('');
  });
});

test('a line keeps its numbers and names', () => {
  const points = [
    { label: 'v1.0.0', value: 0.7312345678 },
    { label: 'this change', value: 1e-7 },
  ];
  const chart = lineChart({ ...text, axis: 'auc (higher is better)', points });
  expect(chart).toContain('x-axis ["v1.0.0", "this change"]');
  expect(chart).toContain('y-axis "auc (higher is better)" ');
  expect(chart).toContain('line [0.731235, 0.0000001]');
});

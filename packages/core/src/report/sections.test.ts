import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { details } from './markdown.ts';
import { fitSections, joinSections, type Section } from './sections.ts';

const POINTER = 'The rest is in the file report.md.';

const section = fc.record({
  weight: fc.constantFrom('finding', 'appendix', 'chart'),
  markdown: fc.oneof(
    fc.constant(''),
    fc.nat({ max: 60 }).map((n) => details('zeilen äöü 🙂', `| a |\n| --- |\n${'| ü |\n'.repeat(n)}`)),
    fc.nat({ max: 60 }).map((n) => `\`\`\`mermaid\n${'line\n'.repeat(n)}\`\`\``),
  ),
}) satisfies fc.Arbitrary<Section>;
const sections = fc
  .array(section, { maxLength: 12 })
  .map((rest): Section[] => [{ weight: 'verdict', markdown: '### It fails' }, ...rest]);

describe('fitSections', () => {
  test('keeps to the limit, keeps the verdict, and shows or leaves out each section as a whole', () => {
    fc.assert(
      fc.property(
        sections,
        fc.integer({ min: 60, max: 2000 }),
        fc.constantFrom('characters', 'bytes'),
        (parts, limit, unit) => {
          const text = fitSections(parts, limit, POINTER, unit);
          expect(unit === 'bytes' ? Buffer.byteLength(text) : text.length).toBeLessThanOrEqual(limit);
          expect(text.startsWith('### It fails\n')).toBe(true);
          let rest = text;
          for (const { markdown } of parts) {
            if (rest.includes(`${markdown}\n`)) rest = rest.replace(markdown, () => '');
          }
          expect(rest.trim()).toBe(text === joinSections(parts) ? '' : POINTER);
        },
      ),
    );
  });

  test.each([
    [480, ['chart']],
    [400, ['chart', 'appendix']],
    [280, ['chart', 'appendix', 'second finding']],
    [120, ['chart', 'appendix', 'second finding', 'first finding']],
  ])('in %d characters all but %j is there', (limit, missing) => {
    const parts = [
      { weight: 'verdict', name: 'verdict' },
      { weight: 'chart', name: 'chart' },
      { weight: 'finding', name: 'first finding' },
      { weight: 'appendix', name: 'appendix' },
      { weight: 'finding', name: 'second finding' },
    ] as const;
    const text = fitSections(
      parts.map(({ weight, name }) => ({ weight, markdown: name.padEnd(name === 'verdict' ? 7 : 120, '.') })),
      limit,
      POINTER,
    );
    const left = parts.map(({ name }) => name).filter((name) => !text.includes(name));
    expect(left.sort()).toEqual([...missing].sort());
  });

  test('a verdict that is too long by itself is cut, and says where the rest is', () => {
    const text = fitSections([{ weight: 'verdict', markdown: 'word\n'.repeat(100) }], 200, POINTER);
    expect(text.length).toBeLessThanOrEqual(200);
    expect(text.trimEnd().endsWith(POINTER)).toBe(true);
  });
});

test('a verdict that leaves no room for the pointer is cut for it, because the rest is left out', () => {
  const verdict: Section = { weight: 'verdict', markdown: `### It fails\n\n${'word '.repeat(20)}`.trimEnd() };
  const parts: Section[] = [verdict, { weight: 'chart', markdown: 'x'.repeat(100) }];
  const text = fitSections(parts, verdict.markdown.length + 5, POINTER);
  expect(text.length).toBeLessThanOrEqual(verdict.markdown.length + 5);
  expect(text.trimEnd().endsWith(POINTER)).toBe(true);
});

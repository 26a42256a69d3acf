import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { SUMMARY_LIMIT } from './markdown.ts';
import {
  folded,
  headlineText,
  metricsSections,
  renderSummary,
  unfolded,
  wholeSection,
  type Headline,
  type Summary,
} from './summary.ts';

const HOSTILE = [
  '</summary></details><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '| a | b |',
  '\n\n### heading\n\n',
  '\n```\n',
  '`',
  '**',
  '\\',
  '@octocat #12 https://evil.example www.evil.example',
  '[text](javascript:alert(1))',
  '![](https://evil.example/x.png)',
  '<!-- sluice:evaluate-gate:m -->',
  '\u202egnp.exe',
  '&lt;b&gt;',
  '$x$',
  '- [ ] task',
  '\r\n> quote',
  '\u0000\u001b[31m',
];
const name = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary', maxLength: 30 }),
  fc.constantFrom(...HOSTILE),
  fc.tuple(fc.constantFrom(...HOSTILE), fc.constantFrom(...HOSTILE)).map((two) => two.join('')),
);
const headline: fc.Arbitrary<Headline> = fc.record({
  model: fc.option(name, { nil: undefined }),
  matrixKey: fc.option(name, { nil: undefined }),
  version: fc.option(name, { nil: undefined }),
  verdict: name.map((text) => `is live in ${text}`),
});
const summary: fc.Arbitrary<Summary> = fc
  .record({
    headline,
    names: fc.array(name, { minLength: 1, maxLength: 4 }),
    value: fc.double({ noNaN: true }),
  })
  .map(({ headline: shown, names, value }) => ({
    headline: shown,
    changed: [],
    rest: [
      ...metricsSections(Object.fromEntries(names.map((metric) => [metric, value]))),
      wholeSection(names.join(), Object.fromEntries(names.map((one) => [one, one]))),
    ],
  }));

const markdown = new MarkdownIt({ html: true });
const tagsOf = (text: string): string[] =>
  [
    ...markdown
      .render(text)
      .replace(/<code[^>]*>[\s\S]*?<\/code>/g, '')
      .matchAll(/<(\/?[a-z0-9]+)[^>]*>/gi),
  ].map(([, tag]) => tag as string);

test('whatever the names and the message are, there is one headline and nothing that they brought', () => {
  const allowed = /^\/?(h3|h4|p|strong|code|pre|table|a|thead|tbody|tr|th|td|ul|li|details|summary)$/;
  fc.assert(
    fc.property(summary, name, fc.boolean(), (shown, message, warns) => {
      const tags = tagsOf(renderSummary(shown, { message, warns, reason: { code: 'ok', remedy: 'Look.' } }));
      expect(tags.filter((tag) => !allowed.test(tag))).toEqual([]);
      expect(tags.filter((tag) => tag === 'h3')).toHaveLength(1);
      expect(tags.filter((tag) => tag === 'a')).toHaveLength(1);
      expect(tags[0]).toBe('h3');
      expect(tags.filter((tag) => tag === 'h4')).toHaveLength(1);
      expect(tags.filter((tag) => tag === 'details')).toHaveLength(2);
      expect(tags.filter((tag) => tag === '/details')).toHaveLength(2);
    }),
  );
});

test.each(['', ' ', '\t', '\n'])('a message of nothing (%j) is no line across the page', (message) => {
  const headline = { model: 'm', verdict: 'is live in prod' };
  const text = renderSummary({ headline, changed: [], rest: [] }, { message, warns: false });
  expect(tagsOf(text)).not.toContain('hr');
});

test('however much there is, it fits, keeps headline and what to do, and says where the rest is', () => {
  const lines = (count: number): string => Array.from({ length: count }, (_, i) => `- ☃ ${i}`).join('\n');
  const shown: Summary = {
    headline: { model: 'm', version: 'v1.0.0', verdict: 'is live in prod' },
    changed: [unfolded('`prod`: `v1.0.0`')],
    rest: [unfolded(lines(90_000)), folded('more', lines(90_000)), folded('and more', lines(90_000))],
  };
  const text = renderSummary(shown, {
    message: 'm',
    warns: true,
    reason: { code: 'drift', remedy: 'Look at it.' },
  });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SUMMARY_LIMIT);
  expect(text).toMatch(/^### `m` `v1\.0\.0` is live in prod, with warnings\n/);
  expect(text).toContain('#### What to do\n\nLook at it.\n\nReason code: `drift` ([ways out](');
  expect(text.trimEnd().endsWith('All of it is in the output `result`.')).toBe(true);
});

describe('what the headline said is not said again', () => {
  const m: Headline = { model: 'm', version: 'v2.0.0', verdict: 'is live in prod' };
  const why = (message: string): string | undefined =>
    /\n\n\*\*(.*)\*\*\n/.exec(
      renderSummary({ headline: m, changed: [], rest: [] }, { message, warns: false }),
    )?.[1];

  test.each([
    [`${headlineText(m)}.`, undefined],
    [`${headlineText(m)}; read back and verified.`, 'Read back and verified.'],
    [`${headlineText(m)}, and nothing was changed.`, 'Nothing was changed.'],
    [`${headlineText(m)}. v1.0.0 is quarantined.`, 'v1.0.0 is quarantined.'],
    [`Dry run: ${headlineText(m)}. Nothing was changed.`, 'Dry run: nothing was changed.'],
    ['auc fell.', 'auc fell.'],
  ])('%s', (message, rest) => {
    expect(why(message)).toBe(rest);
  });
});

test('numbers are rounded where everybody sees them, and whole below', () => {
  const [shown, whole] = metricsSections({ auc: 0.7312345678901234 });
  expect(shown?.markdown).toContain('| auc | 0.7312 |');
  expect(whole?.markdown).toContain('| auc | 0.7312345678901234 |');
  expect(metricsSections({})).toEqual([]);
  const many = metricsSections(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`m${i}`, i])));
  expect(many[0]?.markdown).toContain('and 8 more, folded below.');
});

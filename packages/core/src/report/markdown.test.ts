import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { code, details, escapeMarkdown, table, truncate } from './markdown.ts';

const markdown = new MarkdownIt({ html: true });
const textOf = (html: string): string =>
  html
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('\u200b', '');

const nasty = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        '|',
        '`',
        '\\',
        '<script>',
        '@octocat',
        '#12',
        'https://evil.example',
        '**b**',
        '[a](b)',
        '- x',
        '1. y',
        '&amp;',
        '$x$',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('escapeMarkdown', () => {
  test('renders as the text itself, without any element', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        // eslint-disable-next-line no-control-regex
        fc.pre(!/[\u0000-\u001f\u007f]/.test(text));
        const html = markdown.render(`x ${escapeMarkdown(text)} x`).trim();
        expect(html.match(/<[^/p]/g)).toBeNull();
        expect(textOf(html)).toBe(`x ${text} x`);
      }),
    );
  });

  test('mentions, issue numbers and addresses do not link', () => {
    const text = markdown.render(escapeMarkdown('@octocat #12 https://evil.example www.evil.example'));
    expect(text).not.toMatch(/@\w|#\d|:\/\/|www\./);
  });

  test.each(['- list', '1. list', '1) list', '= line', '+ list', '# title'])(
    '%s stays a sentence',
    (text) => {
      expect(markdown.render(escapeMarkdown(text))).toMatch(/^<p>/);
    },
  );

  test('a reversing mark becomes visible', () => {
    expect(escapeMarkdown('a\u202eb')).toBe('a\ufffdb');
  });
});

describe('code', () => {
  test.each(['a', '`', '``x`', ' ', 'a|b', '<b>', 'a\nb'])('%j is shown as it is', (text) => {
    const html = markdown.render(`x ${code(text)} x`).trim();
    expect(textOf(html).replace(/\s+/g, ' ')).toBe(`x ${text.replace('\n', ' ')} x`.replace(/\s+/g, ' '));
    expect(html).toContain('<code>');
  });
});

describe('table', () => {
  test('keeps its shape whatever the cells hold', () => {
    fc.assert(
      fc.property(nasty, nasty, (a, b) => {
        const html = markdown.render(
          table(['first', '>second'], [[escapeMarkdown(a) || 'x', code(b || 'x')]]),
        );
        expect(html.match(/<td/g)).toHaveLength(2);
      }),
    );
  });

  test('aligns numbers right', () => {
    expect(table(['a', '>b'], [['x', '1']])).toBe('| a | b |\n| --- | ---: |\n| x | 1 |');
  });
});

describe('details', () => {
  test('escapes its summary', () => {
    expect(details('<b> & @me', 'body')).toContain('<summary>&#60;b&#62; &#38; @&#8203;me</summary>');
  });
});

describe('truncate', () => {
  const pointer = 'The full report is in the artifact.';

  test('leaves what fits alone', () => {
    expect(truncate('short', 5, pointer)).toBe('short');
  });

  test('never exceeds the limit and closes what it cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 120, max: 3000 }),
        fc.constantFrom('characters', 'bytes'),
        (limit, unit) => {
          const text = `intro\n\n${details('all', '```\n' + 'zeile äöü 🙂\n'.repeat(400) + '```')}`;
          const cut = truncate(text, limit, pointer, unit);
          expect(unit === 'bytes' ? Buffer.byteLength(cut) : cut.length).toBeLessThanOrEqual(limit);
          expect(cut.endsWith(pointer)).toBe(true);
          expect(cut.match(/^<details>/gm)?.length).toBe(cut.match(/^<\/details>/gm)?.length);
          expect((cut.match(/^```/gm)?.length ?? 0) % 2).toBe(0);
        },
      ),
    );
  });
});

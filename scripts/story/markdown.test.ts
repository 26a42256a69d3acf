import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderSummary } from './markdown.ts';

test('tables and folded parts are rendered', () => {
  const html = renderSummary(
    '| a | b |\n| - | - |\n| 1 | 2 |\n\n<details><summary>More</summary>\n\n**bold**\n\n</details>\n',
  );
  expect(html).toContain('<td>1</td>');
  expect(html).toMatch(/<details><summary>More<\/summary>\n<p><strong>bold<\/strong><\/p>\n<\/details>/);
});

test('character references in HTML stay what they are', () => {
  expect(renderSummary('<details><summary>a &#124; b &lt;c&gt;</summary></details>')).toContain(
    'a &#124; b &lt;c&gt;',
  );
});

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<details ontoggle=alert(1) open>x</details>',
  'text <a href="javascript:alert(1)">x</a>',
  '<style>body{display:none}</style>',
  '<div\n<details\nonclick=x>',
])('%s shows as text', (html) => {
  expect(renderSummary(html)).not.toMatch(/<(script|img|style|a|div|details\s+ontoggle)/i);
});

test('a link to a script is no link, an image is not loaded, a chart is shown as its text', () => {
  expect(renderSummary('[x](javascript:alert(1))')).not.toContain('href');
  expect(renderSummary('![plot](https://example.org/x.png)')).toBe('<p><em>plot</em></p>\n');
  expect(renderSummary('```mermaid\ngraph <b>\n```')).toContain('graph &lt;b&gt;');
});

test('no text makes a tag that is not allowed', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '</',
    'script',
    'details',
    ' open',
    ' onclick=x',
    '\n',
    '"',
    "'",
    '`',
    'a',
    '!--',
    '&',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const tags = renderSummary(parts.join('')).match(/<[a-z][^>]*>/gi) ?? [];
      expect(
        tags.filter(
          (tag) => !/^<(p|details|details open|code|pre|em|strong|br|blockquote|h[1-6]|a)\s*\/?>$/.test(tag),
        ),
      ).toEqual([]);
    }),
  );
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inert } from './log.ts';

/** What the runner takes for a command: a line that begins with `::` after white space, or `##[` anywhere. */
function isCommand(line: string): boolean {
  return /^[\s\u0085]*::/.test(line) || line.includes('##[');
}

describe('inert', () => {
  test.each([
    '::error::x',
    '  ::add-mask::x',
    '\t::x',
    '\u0085::x',
    'a ##[error]x',
    '###[group]x',
    ':::x',
    'a\r::x',
    'a\n\n::x',
  ])('no line of %j is a command any more', (text) => {
    expect(text.split(/\r\n|\r|\n/).some(isCommand)).toBe(true);
    expect(
      inert(text)
        .split(/\r\n|\r|\n/)
        .filter(isCommand),
    ).toEqual([]);
  });

  test('holds for any text made of the dangerous parts, which stays readable', () => {
    const part = fc.constantFrom(
      ':',
      '::',
      '#',
      '##',
      '[',
      ']',
      ' ',
      '\t',
      '\n',
      '\r',
      '\u0085',
      'error',
      'é',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('');
        expect(
          inert(text)
            .split(/\r\n|\r|\n/)
            .filter(isCommand),
        ).toEqual([]);
        expect(inert(text).replaceAll('\u200b', '')).toBe(text.replaceAll('\u0085', '\ufffd'));
      }),
    );
  });

  test.each(['a::b', 'http://[::1]:80', '# heading', 'x: y'])('%j stays as it is', (text) => {
    expect(inert(text)).toBe(text);
  });

  test('steers no terminal and reorders nothing', () => {
    expect(inert('a\u001b[31mb\u009b2Jc\u202ed\u2067e\u200ff\u0000g\th\r\ni')).toBe(
      'a\ufffd[31mb\ufffd2Jc\ufffdd\ufffde\ufffdf\ufffdg\th\r\ni',
    );
  });
});

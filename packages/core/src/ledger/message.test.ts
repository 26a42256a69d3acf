import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { addTrailer, formatMessage, parseTrailers, type TrailerKey } from './message.ts';

/** Text of an attacker: line breaks of every kind, and lines that look like trailers. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        '\u2028',
        '\u0085',
        '\n\n',
        '\v',
        '\0',
        'Quarantine: true',
        'Reason: x',
        '-----BEGIN PGP SIGNATURE-----',
        '---',
        '#',
        ':',
        ' ',
      ),
    ),
  )
  .map((parts) => parts.join(''));

describe('the message of a tag', () => {
  test('is a sentence, a blank line and trailers', () => {
    const message = formatMessage('m v1.0.0 is live in production.', [
      ['Reason', 'better auc'],
      ['Actor', undefined],
      ['From', ''],
      ['Strategy', 'direct'],
    ]);
    expect(message).toBe('m v1.0.0 is live in production.\n\nReason: better auc\nStrategy: direct\n');
  });

  test('keeps foreign text in the trailer it stands in', () => {
    fc.assert(
      fc.property(hostile, hostile, (reason, actor) => {
        const message = formatMessage('Sentence.', [
          ['Reason', reason],
          ['Actor', actor],
          ['Gate', 'pass'],
        ]);
        const parsed = parseTrailers(message);
        expect([...parsed.keys()].filter((key) => !['Reason', 'Actor', 'Gate'].includes(key))).toEqual([]);
        expect(parsed.get('Gate')).toBe('pass');
        expect(parsed.has('Quarantine')).toBe(false);
      }),
    );
  });

  test('keeps what fits on a line as it is', () => {
    const line = fc
      .string({ unit: 'grapheme-ascii', minLength: 1 })
      .map((s) => s.replace(/ +/g, ' ').trim())
      .filter((s) => s !== '');
    fc.assert(
      fc.property(line, (reason) => {
        expect(parseTrailers(formatMessage('S.', [['Reason', reason]])).get('Reason')).toBe(reason);
      }),
    );
  });

  test('is read by git interpret-trailers as well', () => {
    const given: readonly (readonly [TrailerKey, string])[] = [
      ['Reason', 'first line\nQuarantine: true\n\nActor: mallory'],
      ['Actor', 'ada'],
      ['Run', 'https://example.com/runs/1'],
    ];
    const message = formatMessage('m v2.0.0 was taken out of production.', given);
    const git = execFileSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' });
    expect(git).toBe(
      'Reason: first line Quarantine: true Actor: mallory\nActor: ada\nRun: https://example.com/runs/1\n',
    );
  });

  test.each([[[]], [[['Actor', 'ada']]]] as const)('takes one more trailer after %p', (given) => {
    const trailers = parseTrailers(addTrailer(formatMessage('Sentence.', given), 'Write-Id', 'x'));
    expect([...trailers]).toEqual([...given, ['Write-Id', 'x']]);
  });

  test('cuts a text that is too long', () => {
    const value = parseTrailers(formatMessage('S.', [['Reason', '😀'.repeat(5000)]])).get('Reason') ?? '';
    expect(Array.from(value)).toHaveLength(4000);
    expect(value.endsWith('😀…')).toBe(true);
  });

  test.each([
    [
      'signed',
      'S.\n\nActor: ada\n-----BEGIN PGP SIGNATURE-----\n\nReason: forged\n-----END PGP SIGNATURE-----\n',
    ],
    ['with Windows line ends', 'S.\r\n\r\nActor: ada\r\n'],
    ['with another paragraph', 'S.\n\nActor: mallory is not a trailer here\n\nActor: ada\n'],
    ['with a folded line', 'S.\n\nX: y\nActor:\n ada\n'],
    ['with a key twice', 'S.\n\nActor: ada\nActor: mallory\n'],
  ])('is read when %s', (_what, message) => {
    expect(parseTrailers(message).get('Actor')).toBe('ada');
  });

  test.each(['', 'Actor: ada', 'Registering artifact m version v1.0.0', 'a\n\nno trailer here'])(
    '%p has no trailers',
    (message) => {
      expect(parseTrailers(message).size).toBe(0);
    },
  );
});

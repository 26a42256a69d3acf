import { expect, test } from '@jest/globals';
import type { CasesFinding, CasesResult } from './settle.ts';
import { casesParts } from './table.ts';
import { describeCases, hasCaseNews } from './words.ts';
import { changedLine } from '../../report/changed-rows.ts';

const many = Array.from({ length: 13 }, (_, i) => `c|${i}`);
const of = (cases: CasesFinding, verdict: CasesResult['verdict'] = 'fail'): CasesResult => ({
  kind: 'cases',
  id: 'golden',
  rule: { kind: 'cases', id: 'golden', cases: many, severity: 'fail' },
  verdict,
  cases,
});
const compared = (broke: readonly string[], fixed: readonly string[] = []): CasesFinding => ({
  found: 'compared',
  broke,
  fixed,
  stillWrong: [],
});

test.each([
  [of(compared(['c|1'])), 'golden: 1 of 13 broke that the baseline has right: c|1.'],
  [of(compared([]), 'pass'), 'golden: none broke that the baseline has right.'],
  [of(compared(many)), /c\|9 and 3 more\.$/],
  [of({ found: 'first', wrong: ['c|2'] }), 'golden: 1 of 13 must be right and are wrong: c|2.'],
  [of({ found: 'first', wrong: [] }, 'new-baseline'), /^golden: all 13 are right/],
  [of({ found: 'error', reason: 'unknown-case', message: 'No.' }, 'error'), 'golden: No.'],
])('a sentence says which cases %#', (result, sentence) => {
  expect(describeCases(result)).toMatch(sentence);
});

test('the table shows ten ids of a kind, safe in a cell', () => {
  const text = casesParts([of(compared(many, ['x']))]).news;
  expect(text).toContain('| `golden` | **fail** | 13 | `c\\|0`, ');
  expect(text).toContain('`c\\|9` and 3 more | `x` | – |');
  expect(text).not.toContain('c\\|10');
  expect(casesParts([])).toEqual({ news: '', quiet: '' });
});

test('news is a case that changed or a rule that does not pass', () => {
  expect(hasCaseNews(of(compared([]), 'pass'))).toBe(false);
  expect(hasCaseNews(of(compared([], ['x']), 'pass'))).toBe(true);
  expect(hasCaseNews(of(compared(['x']), 'pass'))).toBe(true);
  expect(hasCaseNews(of({ found: 'first', wrong: [] }, 'new-baseline'))).toBe(true);
});

test('wins and losses are one line', () => {
  expect(changedLine({ rows: 12_000, broke: 3, fixed: 40 })).toBe(
    'Of 12,000 rows, 40 are right now that the baseline has wrong, 3 are wrong now that it has right.',
  );
  expect(changedLine(undefined)).toBe('');
});

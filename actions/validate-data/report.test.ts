import { describe, expect, it } from '@jest/globals';
import type { DataFile } from '@sluice/core/data/files.ts';
import type { RuleResult } from '@sluice/core/data/rule-result.ts';
import { SUMMARY_LIMIT } from '@sluice/core/report/markdown.ts';
import { renderSummary } from '@sluice/core/report/summary.ts';
import { summaryOf, type Story } from './report.ts';

const file = (path: string): DataFile => ({ path, absolute: `/w/${path}`, bytes: 1, sha256: '' });
const rule = (rest: Partial<RuleResult>): RuleResult => ({
  id: 'x.type',
  dataSet: 'data',
  kind: 'type',
  verdict: 'fail',
  severity: 'fail',
  places: [],
  message: 'Broken.',
  ...rest,
});
const story = (rules: RuleResult[], rest: Partial<Story> = {}): Story => ({
  model: 'm',
  decision: 'fail',
  data: [],
  rules,
  drift: [],
  contract: 'c.yaml',
  profile: 'p.json',
  s3Notes: [],
  stages: [],
  ...rest,
});
const summary = (shown: Story): string =>
  renderSummary(summaryOf(shown), { message: 'Rules failed.', warns: false });

describe('the summary', () => {
  it('joins neighbouring lines and tells files apart', () => {
    const [a, b] = [file('a.csv'), file('b.csv')];
    const places = [3, 7, 8, 9].map((line) => ({ file: a, row: line - 1, line }));
    const text = summary(story([rule({ places: [...places, { file: b, row: 1, line: 2 }] })]));
    expect(text).toContain('First in `a.csv` lines 3, 7–9; `b.csv` line 2.');
  });

  it('gives rows where there are no lines', () => {
    const places = [1, 2].map((row) => ({ file: file('a.parquet'), row }));
    expect(summary(story([rule({ places })]))).toContain('`a.parquet` rows 1–2');
  });

  it('begins with the verdict and folds what holds', () => {
    const text = summary(story([rule({ id: 'x.required', verdict: 'pass' }), rule({})]));
    expect(text).toMatch(/^### `m` does not pass its data checks\n\n\*\*Rules failed\.\*\*/);
    expect(text).toMatch(/<details>\n<summary>1 rules hold<\/summary>\n\n\*\*data\*\*: `x\.required`/);
  });

  it('stays within what GitHub shows, and says what it left out', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => rule({ id: `x${i}`, message: 'm'.repeat(200) }));
    const text = summary(story([...many, ...many.map((r) => ({ ...r, verdict: 'info' as const }))]));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SUMMARY_LIMIT);
    expect(text).toContain('and 19900 more in the output `result`.');
    expect(text.trimEnd().endsWith('All of it is in the output `result`.')).toBe(true);
  });
});

import { expect, test } from '@jest/globals';
import type { ActStep } from '@sluice/testing/act-log.ts';
import { stepTitle, storyPage } from './page.ts';

const step: ActStep = {
  job: 'gate',
  id: '3',
  name: 'sluice-ml/sluice/actions/evaluate-gate@v1',
  outcome: 'failure',
  seconds: 1.25,
  outputs: {},
  annotations: [],
  summary: '**auc fell**\n\n<script>alert(1)</script>\n\n[log](https://example.org/log)',
  output: '',
};
const chapter = {
  title: 'A change that makes it <worse>',
  claims: [{ text: 'the job is red & stays red', holds: true, saw: '' }],
  runs: [{ title: 'pull-request.yml', run: { id: 1001, code: 1, steps: [step], seconds: 2, log: '' } }],
};
const tag = {
  name: 'm@v1.0.0',
  time: '2026-01-02T03:04:05+00:00',
  event: 'registered',
  trailers: { Reason: 'a < b' },
};

test('the page stands alone: it loads nothing and runs nothing', async () => {
  const page = await storyPage([chapter], [tag]);
  expect(page).not.toMatch(/<(script|link|img|iframe|object)\b|@import|url\((?!['"]?data:)|\ssrc=/i);
  expect(page).toContain('&lt;script&gt;');
  expect(page).toContain('prefers-color-scheme: dark');
});

test('it has each chapter, the claims, the summaries and the ledger, with foreign text escaped', async () => {
  const page = await storyPage([chapter], [tag]);
  for (const text of [
    '<a href="#chapter-1">A change that makes it &lt;worse&gt;</a>',
    '<section id="chapter-1">',
    'the job is red &amp; stays red',
    '<strong>auc fell</strong>',
    'm@v1.0.0',
    '2026-01-02 03:04:05',
    'a &lt; b',
  ]) {
    expect(page).toContain(text);
  }
});

test('a step is called by its first line, without the commit that it is pinned to', () => {
  expect(stepTitle(`actions/checkout@${'a'.repeat(40)}`)).toBe('actions/checkout');
  expect(stepTitle('sluice-ml/sluice/actions/train@v1')).toBe('sluice-ml/sluice/actions/train@v1');
  expect(stepTitle('ruff check .\npytest')).toBe('ruff check .');
});

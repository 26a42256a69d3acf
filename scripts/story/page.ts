import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ActRun } from '@sluice/testing/act.ts';
import type { LedgerTag } from './ledger.ts';
import { renderSummary } from './markdown.ts';
import type { Claim } from './telling.ts';

/** What the page shows of one part of the story. */
export interface ChapterReport {
  readonly title: string;
  readonly claims: readonly Claim[];
  readonly runs: readonly { readonly title: string; readonly run: ActRun }[];
}

const LAYOUT = `
  :root { color-scheme: light dark; }
  body { margin: 0; background: #fff; }
  @media (prefers-color-scheme: dark) { body { background: #0d1117; } }
  main.markdown-body { box-sizing: border-box; max-width: 980px; margin: 0 auto; padding: 32px; }
  @media (max-width: 767px) { main.markdown-body { padding: 16px; } }
  .claims { list-style: none; padding-left: 0 !important; }
  .claims .word { display: inline-block; min-width: 4.5em; font-family: ui-monospace, monospace; font-weight: 600; }
  .ok, .success { color: #1a7f37; } .bad, .failure { color: #d1242f; }
  @media (prefers-color-scheme: dark) { .ok, .success { color: #3fb950; } .bad, .failure { color: #f85149; } }
  .summary { border: 1px solid #8b949e66; border-radius: 6px; padding: 0 16px; margin-bottom: 16px; overflow-x: auto; }
  .summary > .from { font-size: 85%; opacity: .75; margin: 8px 0; }
  #ledger td:nth-child(-n+2), #ledger td code { white-space: nowrap; }
`;

/** One self-contained HTML page with what happened and every job summary, in GitHub's style, light and dark. */
export async function storyPage(
  chapters: readonly ChapterReport[],
  ledger: readonly LedgerTag[],
): Promise<string> {
  const stylesheet = createRequire(import.meta.url).resolve('github-markdown-css/github-markdown.css');
  const links = chapters.map(
    ({ title }, index) => `<li><a href="#chapter-${index + 1}">${escape(title)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice: the whole chain</title>
<style>${await readFile(stylesheet, 'utf8')}${LAYOUT}</style>
</head>
<body>
<main class="markdown-body">
<h1>Sluice: the whole chain</h1>
<p>The example workflows ran in act on this machine, unchanged. Below are what was checked and the job summaries.</p>
<nav><ol>${links.join('')}<li><a href="#ledger">The ledger</a></li></ol></nav>
${chapters.map(chapterSection).join('\n')}
${ledgerSection(chapters.length + 1, ledger)}
</main>
</body>
</html>
`;
}

function chapterSection({ title, claims, runs }: ChapterReport, index: number): string {
  const list = claims.map(
    ({ text, holds }) =>
      `<li><span class="word ${holds ? 'ok' : 'bad'}">${holds ? 'ok' : 'FAILED'}</span>${escape(text)}</li>`,
  );
  return `<section id="chapter-${index + 1}">
<h2>${index + 1}. ${escape(title)}</h2>
<ul class="claims">${list.join('')}</ul>
${runs.map(runSection).join('\n')}
</section>`;
}

function runSection({ title, run }: ChapterReport['runs'][number]): string {
  const outcome = run.code === 0 ? 'success' : 'failure';
  const rows = run.steps.map(
    ({ name, outcome: word, seconds }) =>
      `<tr><td>${escape(stepTitle(name))}</td><td class="${word}">${word}</td><td>${seconds.toFixed(1)}</td></tr>`,
  );
  const summaries = run.steps
    .filter(({ summary }) => summary.trim() !== '')
    .map(
      ({ name, summary }) =>
        `<div class="summary"><p class="from">Summary of ${escape(stepTitle(name))}</p>${renderSummary(summary)}</div>`,
    );
  return `<h3>${escape(title)}: <span class="${outcome}">${outcome}</span> in ${run.seconds.toFixed(1)} s</h3>
<details><summary>Steps</summary><table><thead><tr><th>step</th><th>outcome</th><th>seconds</th></tr></thead>
<tbody>${rows.join('')}</tbody></table></details>
${summaries.join('\n')}`;
}

function ledgerSection(number: number, ledger: readonly LedgerTag[]): string {
  const rows = ledger.map(
    ({ name, time, event, trailers }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${escape(time.slice(0, 19).replace('T', ' '))}</td><td>${escape(event)}</td><td>${escape(trailers['Reason'] ?? '')}</td></tr>`,
  );
  return `<section id="ledger">
<h2>${number}. The ledger</h2>
<p>Annotated git tags of the repository, oldest first.</p>
<table><thead><tr><th>tag</th><th>time</th><th>event</th><th>reason</th></tr></thead><tbody>${rows.join('')}</tbody></table>
</section>`;
}

/** Steps without a name are called by their command, or by what they use: shown without the commit that it is pinned to. */
export function stepTitle(name: string): string {
  return (name.trim().split('\n')[0] ?? '').replace(/@[0-9a-f]{40}$/, '');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

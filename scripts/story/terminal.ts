import { readFileSync } from 'node:fs';
import type { ActStep } from '@sluice/testing/act-log.ts';
import type { ActRun } from '@sluice/testing/act.ts';
import { stepTitle, type ChapterReport } from './page.ts';
import type { Chapter } from './chapters.ts';
import type { LedgerTag } from './ledger.ts';
import type { Claim, Teller } from './telling.ts';

const coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (code: number, text: string): string => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
const bold = (text: string): string => paint(1, text);
const dim = (text: string): string => paint(2, text);
const green = (text: string): string => paint(32, text);
const red = (text: string): string => paint(31, text);

export function heading(text: string): void {
  console.log(`\n${bold(text)}`);
}

/** Tells one chapter on the terminal, and keeps what was told for the page. */
export function tellChapter(
  { title }: Chapter,
  number: number,
  total: number,
): { teller: Teller; report: ChapterReport } {
  heading(`${number}/${total}  ${title}`);
  const claims: Claim[] = [];
  const runs: { title: string; run: ActRun }[] = [];
  const teller: Teller = {
    fact: (text) => console.log(`  ${dim('-')}       ${text}`),
    claim: (text, holds, saw) => {
      const claim = { text, holds, saw: typeof saw === 'string' ? saw : (JSON.stringify(saw) ?? 'nothing') };
      claims.push(claim);
      console.log(`  ${holds ? green('ok') : red('FAILED')}${holds ? '    ' : ''}  ${text}`);
      if (!holds) console.log(`          seen instead: ${claim.saw.slice(0, 2000)}`);
    },
    workflow: (file) => {
      console.log(dim(`          ${file} starts in act`));
      return printStep;
    },
    finished: (file, run) => {
      runs.push({ title: file, run });
      console.log(
        dim(
          `          ${file} ended after ${run.seconds.toFixed(1)} s with exit code ${String(run.code)}; log: ${run.log}`,
        ),
      );
      const explained = run.steps.some(({ outcome }) => outcome === 'failure');
      if (run.code !== 0 && !explained) console.log(red(lastLines(run.log)));
    },
  };
  return { teller, report: { title, claims, runs } };
}

/** What act itself said when it ended before any step did. */
function lastLines(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
}

function printStep({ name, outcome, seconds }: ActStep): void {
  const time = `${seconds.toFixed(1)} s`.padStart(7);
  const line = `          ${time}  ${stepTitle(name)}${outcome === 'success' ? '' : `: ${outcome}`}`;
  console.log(outcome === 'failure' ? red(line) : dim(line));
}

export function printLedger(ledger: readonly LedgerTag[]): void {
  const rows = ledger.map(({ name, time, event, trailers }) => [
    name,
    time.slice(11, 19),
    event,
    trailers['Reason'] ?? '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    console.log(
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}`,
    );
  }
}

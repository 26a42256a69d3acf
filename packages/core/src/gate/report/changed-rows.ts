import type { ChangedRows } from '../changed-rows.ts';
import { code, details } from '../../report/markdown.ts';

/** Wins and losses row by row; empty where they are not known. */
export function changedLine(changed: ChangedRows | undefined): string {
  if (changed === undefined) return '';
  const [rows, fixed, broke] = [changed.rows, changed.fixed, changed.broke].map(count);
  return `Of ${rows} rows, ${fixed} are right now that the baseline has wrong, ${broke} are wrong now that it has right.`;
}

/** Which rows are right for one model only, folded; empty where none is, or the rows have no ids. */
export function changedRowsPart(changed: ChangedRows | undefined): string {
  if (changed?.ids === undefined || changed.broke + changed.fixed === 0) return '';
  const { broke, fixed, ids } = changed;
  return details(
    `Rows that changed (${count(broke)} wrong now, ${count(fixed)} right now)`,
    [
      sentence('Wrong now, right for the baseline', ids.broke, broke),
      sentence('Right now, wrong for the baseline', ids.fixed, fixed),
    ].join('\n\n'),
  );
}

function sentence(what: string, ids: readonly string[], all: number): string {
  if (ids.length === 0) return `${what}: none.`;
  const rest = all > ids.length ? ` and ${count(all - ids.length)} more` : '';
  return `${what}: ${ids.map(code).join(', ')}${rest}.`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}

import type { RuleKind } from '@sluice/core/gate/kinds/kind.ts';
import { WORD } from '@sluice/core/gate/report/verdict-words.ts';
import { effectOfVerdict } from '@sluice/core/gate/verdict.ts';
import { code, table } from '@sluice/core/report/markdown.ts';
import { rowsList } from './entry.ts';
import { judgeRows, settleRows, type RowsResult, type RowsRule } from './judge.ts';
import type { WrittenRows } from './schema.ts';
import { describeRows, isInformational } from './words.ts';

/** The size of the test set: `{rows: 1000}`. */
export const rowsKind = {
  nameOf: () => 'rows',
  settle: settleRows,
  judge: (rules, { candidate }) => judgeRows(rules, candidate),
  countsRows: () => false,
  effectOf: ({ verdict }) => effectOfVerdict(verdict),
  leftOpen: () => 'nothing',
  reasonOf: ({ found }): 'missing-metric' | 'too-few-rows' =>
    found === undefined ? 'missing-metric' : 'too-few-rows',
  ownNumbers: (result) => result,
  words: {
    label: ({ id }) => id,
    describe: describeRows,
    ruleText: ({ rule }) => `{rows: ${rule.rows}}`,
    fix: describeRows,
    isNews: ({ verdict }) => verdict !== 'pass',
    isInformational,
  },
  parts: (results) => ({ every: results.length === 0 ? [] : [rowsTable(results)] }),
  list: rowsList,
} satisfies RuleKind<'rows', WrittenRows, RowsRule, RowsResult>;

function rowsTable(results: readonly RowsResult[]): string {
  const rows = results.map(({ id, verdict, found }) => [code(id), WORD[verdict], String(found ?? '')]);
  return table(['Rule', 'Verdict', '>Rows'], rows);
}

import { code, escapeMarkdown } from '@sluice/core/report/markdown.ts';
import { effectOfResult, type AnyResult } from '@sluice/core/gate/verdict.ts';
import { describeResult } from '../sentences.ts';
import { remedyOf, ruleText } from './remedy.ts';
import { NEEDS_A_LOOK } from './verdict-words.ts';

/** More sentences than this nobody reads. */
const SENTENCES_SHOWN = 10;

/** For each result that needs a look its rule, what was found and what would fix it: first what blocks, then the rest. */
export function toDo(results: readonly AnyResult[], message: string): string {
  const looks = results.filter((result) => NEEDS_A_LOOK.has(result.verdict));
  const isBlocking = (result: AnyResult): boolean => ['fail', 'error'].includes(effectOfResult(result));
  const parts = [
    list('What would fix it', looks.filter(isBlocking), message),
    list(
      'Worth a look',
      looks.filter((result) => !isBlocking(result)),
      message,
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function list(title: string, results: readonly AnyResult[], message: string): string {
  if (results.length === 0) return '';
  const lines = results.slice(0, SENTENCES_SHOWN).map((result) => `- ${sentencesOf(result, message)}`);
  const more = results.length - SENTENCES_SHOWN;
  if (more > 0) lines.push(`- … and ${more} more in the lists below.`);
  return `#### ${title}\n\n${lines.join('\n')}`;
}

function sentencesOf(result: AnyResult, message: string): string {
  const found = describeResult(result);
  const remedy = remedyOf(result);
  // The verdict's own sentence stands above already.
  const sentences = [found === message && remedy !== '' ? '' : found, remedy].filter((text) => text !== '');
  return [`Rule ${code(ruleText(result))}:`, ...sentences.map(escapeMarkdown)].join(' ');
}

import { escapeMarkdown } from '@sluice/core/report/markdown.ts';
import type { AnyResult } from '@sluice/core/gate/verdict.ts';
import { describeResult } from '../sentences.ts';
import { NEEDS_A_LOOK } from './verdict-words.ts';

/** More sentences than this nobody reads. */
const SENTENCES_SHOWN = 10;

/** One sentence for each result that needs a look; empty where the verdict's own sentence says it all. */
export function toDo(results: readonly AnyResult[], message: string): string {
  const failing = results.filter((result) => NEEDS_A_LOOK.has(result.verdict));
  if (failing.every((result) => describeResult(result) === message)) return '';
  const lines = failing
    .slice(0, SENTENCES_SHOWN)
    .map((result) => `- ${escapeMarkdown(describeResult(result))}`);
  if (failing.length > SENTENCES_SHOWN) lines.push(`- … and ${failing.length - SENTENCES_SHOWN} more.`);
  return `**What to look at**\n\n${lines.join('\n')}`;
}

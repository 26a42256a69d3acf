import { code, escapeMarkdown } from '../../report/markdown.ts';
import { effectOf } from '../gate-verdict.ts';
import { rowOf, type AnyResult } from '../kinds/index.ts';
import { labelOf } from './sentences.ts';
import { NEEDS_A_LOOK } from './verdict-words.ts';

/** More sentences than this nobody reads. */
const SENTENCES_SHOWN = 10;

/** What blocks the model: one sentence for each result, with its rule and what would fix it. */
export function whatWouldFixIt(results: readonly AnyResult[]): string {
  return list('What would fix it', results.filter(isBlocking));
}

/** The same for what does not block it. */
export function worthALook(results: readonly AnyResult[]): string {
  const looks = results.filter((result) => NEEDS_A_LOOK.has(result.verdict) && !isBlocking(result));
  return list('Worth a look', looks);
}

function isBlocking(result: AnyResult): boolean {
  return ['fail', 'error'].includes(effectOf(result));
}

function list(title: string, results: readonly AnyResult[]): string {
  if (results.length === 0) return '';
  const lines = results.slice(0, SENTENCES_SHOWN).map((result) => {
    const words = rowOf(result.kind).words;
    return `- ${boldLabel(result, words.fix(result))} Rule: ${code(words.ruleText(result))}`;
  });
  const more = results.length - SENTENCES_SHOWN;
  if (more > 0) lines.push(`- … and ${more} more in the lists below.`);
  return `#### ${title}\n\n${lines.join('\n')}`;
}

function boldLabel(result: AnyResult, sentence: string): string {
  const label = labelOf(result);
  return sentence.startsWith(label)
    ? `**${escapeMarkdown(label)}**${escapeMarkdown(sentence.slice(label.length))}`
    : escapeMarkdown(sentence);
}

import * as z from 'zod/mini';
import { escapeMarkdown } from '../../report/markdown.ts';
import { describeChange, type RuleChanges } from '../changed-rules.ts';
import { described } from '../kinds/entry-schema.ts';

/** More changes than this are counted. */
const CHANGES_SHOWN = 10;

export const changedRulesSchema = z.nullable(
  z
    .array(
      z.object({
        kind: z.enum(['rule', 'setting', 'file']),
        of: z.string().check(described('Name of the rule or the setting, or path of the file.')),
        setting: z
          .nullable(z.string())
          .check(described('Key of the rule, or what the file is; null for all of it.')),
        before: z
          .nullable(z.string())
          .check(described('As sluice.yaml had it; null where it was not there.')),
        after: z.nullable(z.string()).check(described('As sluice.yaml has it; null where it is not there.')),
      }),
    )
    .check(
      described(
        'What the pull request changes of the rules that judge it; null where there is none, or it is not known.',
      ),
    ),
);

/** What the pull request changes of the rules that judge it; empty where it changes nothing. Markdown. */
export function changedRulesLine(rules: RuleChanges): string {
  if (rules.kind === 'unknown') {
    return `Whether this pull request changes the rules that judge it is **not known**: ${escapeMarkdown(rules.why)}`;
  }
  if (rules.kind === 'none' || rules.changes.length === 0) return '';
  const shown = rules.changes.slice(0, CHANGES_SHOWN).map((change) => escapeMarkdown(describeChange(change)));
  const more = rules.changes.length - shown.length;
  return `**Rules changed in this pull request:** ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

/** The same for `result`. */
export function changedRulesEntry(rules: RuleChanges): z.infer<typeof changedRulesSchema> {
  return rules.kind === 'known' ? [...rules.changes] : null;
}

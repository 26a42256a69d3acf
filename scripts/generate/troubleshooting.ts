import { COMMON_REASONS } from '@sluice/core/action/reasons.ts';
import type { ReasonText } from '@sluice/core/action/reasons.ts';
import { markdownTable } from './markdown.ts';

/** The reason codes of one action. */
interface ActionReasons {
  readonly action: string;
  readonly reasons: Readonly<Record<string, ReasonText>>;
}

/** What the remedy of a code begins with that only green steps end with. */
const NOTHING = 'Nothing to do';

const HEAD = `# Troubleshooting

A step that is red or yellow ends its message with a reason code in brackets, and has it in its output \`reason-code\`. The message
says what was found and what to do about it here; this page says what each code means, and how to get out. It is generated from
the definitions of the actions, each of whose READMEs has its own part of it.

Red is \`fail\` (the data, the model or the rollout did not meet what was asked) or \`error\` (the step could not find out); yellow
is \`warn\`, which stops nothing. Run the step again after every way out: all actions can be repeated, and what is done already
is found and left alone.`;

const TAIL = `## Still stuck

The log of the step has more than its message, also the cause of an error of the network or of a disk; with the secret
\`ACTIONS_STEP_DEBUG\` set to \`true\` it has the details too. \`result\` has everything as JSON ([schemas](../schemas)). A message that
does not get you out is a bug: [report it](https://github.com/sluice-ml/sluice/issues) with the code and the log.`;

/** The page that says for every verdict that is not green how to get out; each code is a heading, which summaries link to. */
export function troubleshootingPage(actions: readonly ActionReasons[]): string {
  const tables = [
    { who: 'every action', reasons: COMMON_REASONS },
    ...actions.map(({ action, reasons }) => ({
      who: `[${action}](../actions/${action}/README.md)`,
      reasons,
    })),
  ];
  const rows = tables.flatMap(({ who, reasons }) =>
    Object.entries<ReasonText>(reasons)
      .filter(([, { remedy }]) => !remedy.startsWith(NOTHING))
      .map(([reason, { happened, remedy }]) => ({ reason, row: [who, happened, remedy] })),
  );
  const codes = [...new Set(rows.map(({ reason }) => reason))].sort();
  return [
    HEAD,
    ...codes.flatMap((reason) => [
      `## ${reason}`,
      markdownTable(
        ['action', 'what happened', 'the way out'],
        rows.filter((one) => one.reason === reason).map(({ row }) => row),
      ),
    ]),
    TAIL,
    '',
  ].join('\n\n');
}

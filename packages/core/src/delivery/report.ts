import type { Decision } from '../action/outcome.ts';
import { code, details, escapeMarkdown, table } from '../report/markdown.ts';
import type { StepRecord } from '../rollout/engine.ts';
import type { Check } from '../serving/checks.ts';

/** What the job summary of a rollout shows. */
export interface RolloutStory {
  readonly action: 'deploy' | 'rollback';
  readonly decision: Decision;
  readonly message: string;
  readonly environment: string;
  /** What was served before; undefined when nothing was. */
  readonly from: string | undefined;
  readonly candidate: string | undefined;
  /** What is served now; undefined when nothing is. */
  readonly served: string | undefined;
  readonly steps: readonly StepRecord[];
  readonly checks: readonly Check[];
  /** Paragraphs of plain text, such as what became of a rollout that died. */
  readonly notes: readonly string[];
  /** Markdown after the rest. */
  readonly appendix?: string | undefined;
}

/** The job summary: verdict sentence, from → to, steps with seconds, what was verified. */
export function rolloutSummary(story: RolloutStory): string {
  return [
    `### ${story.action}: ${story.decision}`,
    escapeMarkdown(story.message),
    `${code(story.environment)}: ${journey(story)}`,
    ...story.notes.map(escapeMarkdown),
    ...(story.steps.length === 0 ? [] : ['#### Steps', stepsTable(story.steps)]),
    ...(story.checks.length === 0
      ? []
      : ['#### Verification', checksTable(story.checks), ...story.checks.flatMap(failuresOf)]),
    ...(story.appendix === undefined ? [] : [story.appendix]),
  ].join('\n\n');
}

/** From → candidate, and back again when it did not stay. */
function journey({ from, candidate, served }: RolloutStory): string {
  const stops = [from, ...(candidate === undefined ? [] : [candidate]), served];
  const shown = stops.map((version) => (version === undefined ? 'no version' : code(version)));
  return shown.filter((stop, index) => stop !== shown[index - 1]).join(' → ');
}

function stepsTable(steps: readonly StepRecord[]): string {
  return table(
    ['step', 'verdict', '>seconds', 'what happened'],
    steps.map(({ name, verdict, seconds, message }) => [
      name,
      verdict,
      seconds.toFixed(2),
      escapeMarkdown(message),
    ]),
  );
}

function checksTable(checks: readonly Check[]): string {
  return table(
    ['check', 'verdict', 'what was found'],
    checks.map(({ check, verdict, message }) => [check, verdict, escapeMarkdown(message)]),
  );
}

function failuresOf(check: Check): string[] {
  if (!('failures' in check) || check.failures.length === 0) return [];
  const rows = check.failures.map(({ file, line, path, expected, got }) => [
    code(`${file}:${line}`),
    path === undefined ? '' : code(path),
    code(expected),
    code(got),
  ]);
  const title = `${check.failed} of ${check.cases} ${check.check} cases failed${check.failed > rows.length ? `; the first ${rows.length}` : ''}`;
  return [details(title, table(['case', 'where', 'expected', 'got'], rows))];
}

import { code, escapeMarkdown, withShortDigests } from '../report/markdown.ts';
import type { Section } from '../report/sections.ts';
import { folded, unfolded, type Summary } from '../report/summary.ts';
import type { StepRecord } from '../rollout/run.ts';
import { timelineSections } from './timeline.ts';
import type { Check } from '../serving/checks.ts';

/** What the job summary of a rollout shows. */
export interface RolloutStory {
  readonly model: string;
  /** What became of the version, as the headline says it. */
  readonly verdict: string;
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
  /** After the rest. */
  readonly appendix?: readonly Section[];
}

/** The job summary: the headline, from → to, what was verified; folded the steps with their seconds. */
export function rolloutSummary(story: RolloutStory): Summary {
  const { model, verdict, environment, candidate, served, steps, checks, notes, appendix = [] } = story;
  return {
    headline: { model, version: candidate ?? served, verdict },
    changed: [unfolded(`${code(environment)}: ${journey(story)}`)],
    rest: [
      ...timelineSections(steps, candidate),
      ...notes.map((note) => unfolded(escapeMarkdown(note))),
      ...(checks.length === 0 ? [] : [checksSection(checks)]),
      ...checks.flatMap(failuresOf),
      ...(steps.length === 0 ? [] : [stepsSection(steps, checks)]),
      ...appendix,
    ],
  };
}

/** From → candidate, and back again when it did not stay. */
function journey({ from, candidate, served }: RolloutStory): string {
  const stops = [from, ...(candidate === undefined ? [] : [candidate]), served];
  const shown = stops.map((version) => (version === undefined ? 'no version' : code(version)));
  return shown.filter((stop, index) => stop !== shown[index - 1]).join(' → ');
}

/** Of what was found out twice with one verdict, as the version before and after all else, the last word is said. */
function checksSection(checks: readonly Check[]): Section {
  const lines = new Map(
    checks.map(({ check, verdict, message }) => [
      `${check} ${verdict}`,
      `- **${check}**: ${verdict}. ${escapeMarkdown(withShortDigests(message))}`,
    ]),
  );
  return unfolded(`#### Verification\n\n${[...lines.values()].join('\n')}`);
}

/** What a step found out by checks is said there. */
function stepsSection(steps: readonly StepRecord[], checks: readonly Check[]): Section {
  const verified = (message: string): boolean => checks.some((check) => message.includes(check.message));
  const lines = steps.map(({ name, verdict, seconds, message }) => {
    const what = verified(message) ? '' : `: ${escapeMarkdown(withShortDigests(message))}`;
    return `- **${name}** ${verdict}, ${seconds.toFixed(2)} s${what}`;
  });
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  return folded(`${steps.length} steps in ${total.toFixed(1)} s`, lines.join('\n'));
}

function failuresOf(check: Check): Section[] {
  if (!('failures' in check) || check.failures.length === 0) return [];
  const lines = check.failures.map(({ file, line, server, path, expected, got }) => {
    const where = path === undefined ? '' : ` at ${code(path)}`;
    const who = server === undefined ? '' : ` from ${code(server)}`;
    return `- ${code(`${file}:${line}`)}${where}: expected ${code(expected)}, got ${code(got)}${who}`;
  });
  const title = `${check.failed} of ${check.cases} ${check.check} cases failed${check.failed > lines.length ? `; the first ${lines.length}` : ''}`;
  return [folded(title, lines.join('\n'))];
}

import { escapeMarkdown, table } from '../report/markdown.ts';
import { lineChart } from '../report/mermaid.ts';
import type { Section } from '../report/sections.ts';
import { unfolded } from '../report/summary.ts';
import type { StepRecord } from '../rollout/run.ts';
import { worstVerdict } from '../rollout/analysis/metric-verdict.ts';

/** Which share the candidate had when, what was judged by how many samples, and what that came to; nothing for one switch. */
export function timelineSections(steps: readonly StepRecord[], candidate: string | undefined): Section[] {
  const [first] = steps;
  const shown = steps.filter(
    ({ name, weight, verdicts }) => SHOWN.has(name) && (weight ?? verdicts) !== undefined,
  );
  const isProgressive = shown.some(
    ({ verdicts, weight = 100 }) => verdicts !== undefined || weight % 100 !== 0,
  );
  if (first === undefined || candidate === undefined || !isProgressive) return [];
  const after = (at: number): string => clock(at - Date.parse(first.started));
  const rows = shown.map((step) => [
    after(Date.parse(step.started)),
    WORDS[step.name] ?? step.name,
    step.weight === undefined ? '' : `${step.weight} %`,
    step.verdicts === undefined ? '' : samplesOf(step.verdicts),
    verdictOf(step),
  ]);
  const points = shown.flatMap((step) => {
    if (step.weight === undefined) return [];
    const value = step.weight;
    const end = { label: after(Date.parse(step.started) + step.seconds * 1000), value };
    return step.name === 'bake' ? [end] : [{ ...end, label: after(Date.parse(step.started)) }];
  });
  const sentence = `Share of ${candidate} in percent: ${points.map(({ label, value }) => `${label} ${value}`).join(', ')}.`;
  const chart = lineChart({
    title: `Traffic to ${candidate}`,
    description: sentence,
    axis: 'percent',
    range: [0, 100],
    points,
  });
  const header = ['After', 'What', `Share of ${candidate}`, 'Samples', 'Verdict'];
  const said = shown.flatMap((step) =>
    saidBy(step).map((text) => `- ${after(Date.parse(step.started))} ${escapeMarkdown(text)}`),
  );
  const body = ['#### Rollout', table(header, rows), said.join('\n'), chart].filter((part) => part !== '');
  return [unfolded(body.join('\n\n'))];
}

const SHOWN = new Set(['switch', 'bake', 'labels', 'switch-back']);
const WORDS: Readonly<Record<string, string>> = {
  switch: 'traffic moved',
  bake: 'watched',
  labels: 'labels joined',
  'switch-back': 'traffic moved back',
};

function samplesOf(verdicts: NonNullable<StepRecord['verdicts']>): string {
  const counts = verdicts.flatMap(({ candidate }) => (candidate === undefined ? [] : [candidate.n]));
  return counts.length === 0 ? 'none' : Math.max(...counts).toLocaleString('en-US');
}

/** One word; what it means stands below. */
function verdictOf({ verdict, verdicts }: StepRecord): string {
  if (verdict === 'fail') return 'failed';
  return verdicts === undefined ? '' : worstVerdict(verdicts);
}

function saidBy({ verdict, verdicts, message }: StepRecord): string[] {
  if (verdict === 'fail') return [message];
  return (verdicts ?? []).map((one) => `${one.verdict}: ${one.message}`);
}

/** `4m05s`, or `1h04m05s`: a colon is none in a chart. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h === 0 ? `${m}m${two(s)}s` : `${h}h${two(m)}m${two(s)}s`;
}

import { UserError } from '../../../../action/errors.ts';
import { insideWorkspace } from '../../../../action/paths.ts';
import type { Section } from '../../../../schema/section.ts';
import { parsePlace } from '../../../../serving/protocols/template/place.ts';
import type { PredictionAnswer } from '../../../../serving/server.ts';
import type { MetricRule } from '../../metric-rule.ts';
import type { Observation } from '../../samples.ts';
import { untilOver } from '../counting.ts';
import type { Analysis, AnalysisStep, ProviderKind, Window } from '../kind.ts';
import { ruler } from '../limits.ts';
import { readRequests } from '../requests.ts';
import { senderOf } from '../sending.ts';
import { followFile, pairsIn } from './mirrored.ts';
import { SliceNames, WHOLE, agreementOf, pickAt, scoreShiftOf, type Pair, type Pick } from './pairs.ts';
import { recorderTo, type Recorder } from './record.ts';
import type { PredictionsConfig } from './schema.ts';

/** What a change of platform may do to a float. */
const DEFAULT_TOLERANCE = 1e-6;

/** The pairs of a window, or why there are none. */
type Source = (window: Window, signal: AbortSignal) => Promise<readonly Pair[] | Missing>;
type Missing = Exclude<Observation, { readonly kind: 'samples' }>;

/** What both versions predict for the same requests at the same time. */
export const predictions: ProviderKind<PredictionsConfig> = async (section, step) => {
  const prediction = pickOf(section.value.prediction, `${section.name}.prediction`);
  const judged = judgedOf(section, prediction);
  const { source, needs } = await sourceOf(section, step);
  const record = await recorderOf(section, prediction, step);
  return {
    needs,
    rules: judged.map(({ rule }) => rule),
    async sample(window, signal) {
      const pairs = await source(window, signal);
      if (!('kind' in pairs)) await record(pairs, window.arms);
      return judged.map(({ rule, observe }) => ({
        metric: rule.id,
        observation: 'kind' in pairs ? pairs : observe(pairs),
      }));
    },
  };
};

function pickOf(text: string | undefined, place: string): Pick {
  return text === undefined ? WHOLE : pickAt(text, parsePlace(text, place));
}

/** A rule and what it is judged by. */
interface Judged {
  readonly rule: MetricRule;
  readonly observe: (pairs: readonly Pair[]) => Observation;
}

function judgedOf({ value, name }: Section<PredictionsConfig>, prediction: Pick): Judged[] {
  const rule = ruler(value);
  const { agreement, 'score-shift': shift } = value;
  if (agreement === undefined && shift === undefined) {
    throw new UserError(
      'bad-config',
      `${name} says nothing of what the predictions have to be like. Add agreement, such as agreement: {min: 0.98}, or score-shift.`,
    );
  }
  const slices = (value.slices ?? []).map(({ by }, i) => ({
    by,
    place: parsePlace(by, `${name}.slices.${i}.by`),
  }));
  const comparison = { prediction, tolerance: agreement?.tolerance ?? DEFAULT_TOLERANCE, slices };
  const known = new SliceNames();
  const score = pickOf(shift?.score, `${name}.score-shift.score`);
  return [
    ...(agreement === undefined
      ? []
      : [
          {
            rule: rule('agreement', 'proportion', { bound: 'min', value: agreement.min }),
            observe: (pairs: readonly Pair[]) => agreementOf(pairs, comparison, known),
          },
        ]),
    ...(shift === undefined
      ? []
      : [
          {
            rule: rule('score-shift', 'mean', { bound: 'within', value: shift.max }),
            observe: (pairs: readonly Pair[]) => scoreShiftOf(pairs, score),
          },
        ]),
  ];
}

/** Where the pairs come from, and what the target has to be able to do for that. */
async function sourceOf(
  { value, name, folder }: Section<PredictionsConfig>,
  step: AnalysisStep,
): Promise<{ readonly source: Source; readonly needs: Analysis['needs'] }> {
  const { requests, mirrored } = value;
  if (requests !== undefined && mirrored === undefined) {
    const stored = await readRequests(requests, `${name}.requests`, folder, step);
    if (value.record !== undefined && stored.some(({ id }) => id === undefined)) {
      throw new UserError(
        'bad-input',
        `${name}.record is set, but ${requests} has requests without an "id", which labels could not be joined by. Give each line one.`,
      );
    }
    return { source: replay(senderOf(stored, value)), needs: ['probe'] };
  }
  if (mirrored !== undefined && requests === undefined) {
    const what = { what: `${name}.mirrored`, kind: 'absent' } as const;
    const file = followFile(await insideWorkspace(step.workspace, folder, mirrored, what), mirrored);
    return { source: followed(file, mirrored), needs: [] };
  }
  throw new UserError(
    'bad-config',
    `${name} needs exactly one of requests (a file of requests that are sent to both versions) and mirrored (a file that a mirror writes their answers to).`,
  );
}

function replay(send: ReturnType<typeof senderOf>): Source {
  return async (window, signal) => {
    const { stable } = window.arms;
    if (stable?.server === undefined) {
      return {
        kind: 'error',
        message: 'There is no live version with an address of its own to compare with.',
      };
    }
    const sent = await send(window, signal);
    if (typeof sent === 'string') return { kind: 'error', message: sent };
    return sent.map(({ request, ...answers }) => ({
      ...request,
      candidate: predictionOf(answers.candidate),
      stable: answers.stable === undefined ? undefined : predictionOf(answers.stable),
    }));
  };
}

function predictionOf(answer: PredictionAnswer): unknown {
  return answer.kind === 'answered' && answer.prediction.kind === 'found'
    ? answer.prediction.value
    : undefined;
}

function followed(file: ReturnType<typeof followFile>, shown: string): Source {
  return async (window, signal) => {
    await file.begin();
    await untilOver(window, signal);
    const lines = await file.lines();
    if (typeof lines === 'string') return { kind: 'no-data', message: lines };
    const { pairs, bad } = pairsIn(lines, window.arms);
    if (bad !== undefined) {
      const message = `${shown} has a line that is no {"input": …, "candidate": {"version": …, "answer": …}, "stable": …}: ${bad}`;
      return { kind: 'error', message };
    }
    if (pairs.length > 0) return pairs;
    const message = `Nothing was mirrored to ${shown} for ${window.arms.candidate.version} in this time.`;
    return { kind: 'no-data', message };
  };
}

async function recorderOf(
  { value, name, folder }: Section<PredictionsConfig>,
  prediction: Pick,
  { workspace }: AnalysisStep,
): Promise<Recorder> {
  if (value.record === undefined) return () => Promise.resolve();
  const what = { what: `${name}.record`, kind: 'absent' } as const;
  return recorderTo(workspace, await insideWorkspace(workspace, folder, value.record, what), prediction);
}

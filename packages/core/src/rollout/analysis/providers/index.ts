import { fileRefusal, isUserError } from '../../../action/errors.ts';
import type { Section } from '../../../schema/section.ts';
import { command } from './command/kind.ts';
import { http } from './http/kind.ts';
import type { Analysis, AnalysisStep, MetricObservation, ProviderKind, Window } from './kind.ts';
import { predictions } from './predictions/kind.ts';
import { probe } from './probe/kind.ts';
import { prometheus } from './prometheus/kind.ts';
import type { AnalysisConfig, AnalysisConfigOf, ProviderName } from './schema.ts';

/** A row for each member of the union in schema.ts; one without a row does not compile. */
export const PROVIDERS: { readonly [N in ProviderName]: ProviderKind<AnalysisConfigOf<N>> } = {
  probe,
  prometheus,
  http,
  command,
  predictions,
};

/** The analysis that a section describes. Throws UserError for what its schema cannot see and for files that cannot be read. */
export async function analysisOf(section: Section<AnalysisConfig>, step: AnalysisStep): Promise<Analysis> {
  const analysis = await readOf(section.value.provider, section, step);
  return { ...analysis, sample: (window, signal) => observed(analysis, window, signal) };
}

/** Name and section of one row, so that the compiler sees that they belong together. */
function readOf<N extends ProviderName>(
  name: N,
  section: Section<AnalysisConfigOf<N>>,
  step: AnalysisStep,
): Promise<Analysis> {
  return PROVIDERS[name](section, step);
}

/** What a journal keeps of a message. */
const LONGEST_MESSAGE = 1_000;

/** A window's observations; where a file or a program of the team's made them fail, each says so. */
async function observed(
  analysis: Analysis,
  window: Window,
  signal: AbortSignal,
): Promise<readonly MetricObservation[]> {
  try {
    return (await analysis.sample(window, signal)).map(shortened);
  } catch (error) {
    signal.throwIfAborted();
    const known = isUserError(error) ? error : fileRefusal(error);
    if (known === undefined) throw error;
    const observation = { kind: 'error', message: known.message } as const;
    return analysis.rules.map(({ id }) => shortened({ metric: id, observation }));
  }
}

function shortened({ metric, observation }: MetricObservation): MetricObservation {
  if (observation.kind === 'samples') return { metric, observation };
  return { metric, observation: { ...observation, message: observation.message.slice(0, LONGEST_MESSAGE) } };
}

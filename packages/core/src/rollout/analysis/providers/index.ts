import { UserError, fileRefusal, isUserError } from '../../../action/errors.ts';
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

/**
 * The analyses that sluice.yaml asks for. Throws UserError for what the schema cannot see, for files that cannot be read and
 * for two analyses with one name, whose metrics could not be told apart.
 */
export async function analysesOf(
  sections: readonly Section<AnalysisConfig>[],
  step: AnalysisStep,
): Promise<Analysis[]> {
  const names = new Set<string>();
  for (const { value, name } of sections) {
    const own = value.name ?? value.provider;
    if (names.has(own)) {
      throw new UserError(
        'bad-config',
        `${name} is the second analysis that is called '${own}'. Give it a name of its own: name: ${own}-2.`,
      );
    }
    names.add(own);
  }
  return Promise.all(sections.map((section) => analysisOf(section, step)));
}

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

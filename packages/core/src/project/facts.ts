import type { LoadedConfig } from '../config/load.ts';
import { declaredBy } from './declared.ts';
import type { Pipeline } from './pipeline.ts';
import type { Facts } from './resolve.ts';

/** Puts together what a step knows of its project; without a pipeline dvc.yaml says nothing. */
export function factsOf(
  { inputs, directory }: Pick<Facts, 'inputs' | 'directory'>,
  { config, base }: LoadedConfig,
  pipeline: Pipeline | undefined,
): Facts {
  return { inputs, directory, config, base, declared: pipeline && declaredBy(pipeline, base) };
}

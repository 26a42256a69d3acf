import type { ActionContext } from '../action/context.ts';
import type { Evaluation } from '../measuring/evaluation.ts';
import type { LoadedPredictions, PredictionsReader } from '../measuring/predictions-reader.ts';
import type { RegistrySettings } from '../registry/registry.ts';
import type { BaselineSettings } from './settings.ts';
import type { TestSetIdentity } from '../gate/test-set-identity.ts';

/** What the settings say about measuring a baseline. */
export interface MeasuringSettings {
  readonly model: string;
  /** Absolute folder that stores and files are relative to. */
  readonly base: string;
  /** Where a baseline in MLflow is. */
  readonly registry: RegistrySettings;
  /** How the candidate is scored; the baseline is then scored in the same way. */
  readonly evaluation?: Evaluation;
  readonly baseline: Pick<BaselineSettings, 'metrics' | 'predictions' | 'evaluateAt' | 'onDifferentTestSet'>;
}

/** Everything that measuring a baseline needs. */
export interface BaselineRequest {
  readonly context: ActionContext;
  readonly settings: MeasuringSettings;
  /** Absolute folder for the baseline's bytes and predictions. */
  readonly scratch: string;
  readonly reader: PredictionsReader;
  readonly candidate: { readonly predictions?: LoadedPredictions };
  /** What is known of today's test set. */
  readonly testSet: TestSetIdentity;
  /** Absolute paths of its files, as far as they lie in the checkout. */
  readonly testFiles: readonly string[];
}

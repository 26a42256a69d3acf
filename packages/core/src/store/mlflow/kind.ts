import { UserError } from '../../action/errors.ts';
import type { StoreKind } from '../store.ts';
import { mlflowStore } from './store.ts';

/** The MLflow server of the settings; the URI has no address of its own. */
export const mlflowKind: StoreKind = {
  example: 'mlflow:',
  words: 'an MLflow server',
  open(uri, step) {
    if (uri === 'mlflow:') return mlflowStore(step.site(), step, step.additions);
    throw new UserError(
      'bad-config',
      `The store is '${uri}'. Write mlflow: alone; registry.tracking-uri, or MLFLOW_TRACKING_URI of the job, says where the server is.`,
    );
  },
};

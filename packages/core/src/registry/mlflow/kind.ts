import { errorMessage, isUserError } from '../../action/errors.ts';
import type { Live, RegistryKind, RegistryStep } from '../registry.ts';
import { moveAlias } from './projection.ts';
import { registerNumbered, showExisting } from './register.ts';
import type { MlflowSection } from './section.ts';
import { mlflowSettings } from './settings.ts';

/** An MLflow server that shows what the ledger says, under its own numbers. */
export const mlflowKind: RegistryKind<MlflowSection> = {
  words: 'an MLflow server as well',
  defaultStore: 'mlflow:',
  counts: {
    why: 'the number comes from MLflow: version 3 there is v3.0.0 here',
    later: 'or a later version when MLflow has counted further',
  },
  settings: mlflowSettings,
  requireAddress: ({ site }) => void site(),
  register: ({ site, log }, exhibit, before, write) =>
    registerNumbered({ site: site(), log }, exhibit, before, write),
  show: ({ site, log }, exhibit, version) => showExisting({ site: site(), log }, exhibit, version),
  showLive,
};

async function showLive(
  { site, log }: RegistryStep,
  { environment, version, digest }: Live,
): Promise<string | undefined> {
  try {
    const projected = await moveAlias(site(), environment, version, digest);
    if (projected.kind === 'differs') return projected.message;
    if (projected.kind === 'changed') log.info(projected.message);
    return undefined;
  } catch (error) {
    if (!isUserError(error)) throw error;
    return `MLflow's alias '${environment}' was not moved: ${errorMessage(error)} Run this step again when that is settled; it moves the alias alone.`;
  }
}

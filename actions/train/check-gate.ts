import type { ActionContext } from '@sluice/core/action/context.ts';
import { splitCommand } from '@sluice/core/action/command-line.ts';
import { readBaselineSettings } from '@sluice/core/baseline/settings.ts';
import type { LoadedConfig } from '@sluice/core/config/load.ts';
import { readRules } from '@sluice/core/config/rules.ts';

/**
 * Throws what evaluate-gate would throw, after hours of training, for a section `gate` of sluice.yaml that it cannot work with: a
 * rule that can never be judged, a baseline that is none, a command that is none.
 */
export async function checkGate(
  { workspace, directory }: Pick<ActionContext, 'workspace' | 'directory'>,
  { config, base }: Pick<LoadedConfig, 'config' | 'base'>,
): Promise<void> {
  const { rules = [], columns = {}, evaluate } = config.gate ?? {};
  // Without rules in the file the gate may have them from its input.
  if (rules.length > 0) await readRules({ input: undefined, config, directory, base, workspace, columns });
  readBaselineSettings(config.gate, { sources: undefined, files: {}, isMerged: false });
  if (evaluate !== undefined) {
    splitCommand(evaluate, { 'model-path': '', predictions: '' }, undefined, 'gate.evaluate');
  }
}

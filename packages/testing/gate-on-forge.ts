import { runStep, type Kill, type StepResult } from './action.ts';
import { plainFolder, pullRequest } from './gate-project.ts';

/** A gate that passes or fails by the value of one metric, without a model, a ledger or a command: quick to run. */
export interface ForgeGate {
  /** Something with the address of a forge's API. */
  readonly forge: { readonly env: Record<string, string> };
  /** The metric; the rule asks for at least 0.5. */
  readonly auc?: number;
  readonly rules?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Number of the workflow run; default 42. */
  readonly run?: number;
  readonly kill?: Kill;
}

/** Runs the built gate for pull request 7 of a forge. */
export async function gateOnForge({
  forge,
  auc = 0.7,
  rules,
  inputs,
  env,
  run = 42,
  kill,
}: ForgeGate): Promise<StepResult> {
  const written = rules ?? ['{metric: auc, min: 0.5}'];
  const { folder, remove } = await plainFolder({
    'm.json': JSON.stringify({ auc }),
    'sluice.yaml': `version: 1\nmodel: flights\ngate:\n  rules:\n${written.map((r) => `    - ${r}\n`).join('')}`,
  });
  try {
    return await runStep('evaluate-gate', {
      workspace: folder,
      inputs: { metrics: 'm.json', 'github-token': 'ghs_test', ...inputs },
      env: { ...(await pullRequest({ root: folder, run, github: forge })), ...env },
      ...(kill === undefined ? {} : { kill }),
    });
  } finally {
    await remove();
  }
}

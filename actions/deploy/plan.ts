import type { IdentifiedVersion } from '@sluice/core/ledger/state.ts';
import type { KnownVersion } from '@sluice/core/rollout/effects.ts';
import type { ForwardStep } from '@sluice/core/rollout/machine.ts';
import type { ServingTarget } from '@sluice/core/serving/target.ts';
import type { DeployRequest } from './inputs.ts';

type Asked = Pick<DeployRequest, 'strategy' | 'verification'>;

/** What would be done, one sentence for each step of the strategy that does something here. */
export function planOf(
  request: Asked,
  { words, server }: Pick<ServingTarget, 'words' | 'server'>,
  candidate: IdentifiedVersion,
  previous: KnownVersion | undefined,
): string[] {
  const sentences: Readonly<Record<ForwardStep, readonly string[]>> = {
    stage: [words.staging(candidate)],
    switch: [words.switching],
    'read-back': [
      server === undefined
        ? `Nothing can be asked (${words.onlyRead}).`
        : `Ask ${server.url} for the version.`,
    ],
    verify: server === undefined ? [] : [verifying(server.url, request)],
    record: [`Write the ledger. When anything fails, go back to ${previous?.version ?? 'serving nothing'}.`],
  };
  return request.strategy.steps.flatMap((step) => sentences[step]);
}

function verifying(url: string, { verification }: Asked): string {
  const { golden, modelGolden, readyCount, latencyP95Ms } = verification;
  const ofModel = modelGolden.length > 0 ? ' and those of the model' : '';
  const latency = latencyP95Ms === undefined ? '' : `, 95th percentile within ${latencyP95Ms} ms`;
  return `Ask ${url} whether it is ready, ${readyCount} times; ${golden.length} golden cases${ofModel}${latency}.`;
}

import type { IdentifiedVersion } from '@sluice/core/ledger/state.ts';
import type { KnownVersion, RolloutStep } from '@sluice/core/rollout/state.ts';
import { serversOf } from '@sluice/core/serving/reading.ts';
import type { ServingTarget } from '@sluice/core/serving/target.ts';
import type { DeployRequest } from './inputs.ts';

type Asked = Pick<DeployRequest, 'strategy' | 'verification'>;

/** What would be done, one sentence for each part of it. */
export function planOf(
  request: Asked,
  target: Pick<ServingTarget, 'words' | 'server' | 'servers'>,
  candidate: IdentifiedVersion,
  stable: KnownVersion | null,
): string[] {
  const { words } = target;
  const urls = serversOf(target).map(({ url }) => url);
  const who = urls.join(', ');
  const asking =
    urls.length === 0
      ? [`Nothing can be asked: ${words.onlyRead}.`]
      : [`Ask ${who} for the version.`, verifying(who, request, candidate)];
  return [
    words.staging(candidate),
    ...request.strategy.steps.map((step) => describeStep(step, candidate.version, words)),
    ...asking,
    `Write the ledger. When anything fails, go back to ${stable?.version ?? 'serving nothing'}.`,
  ];
}

function describeStep(step: RolloutStep, version: string, words: ServingTarget['words']): string {
  if ('pause' in step)
    return `End this run and wait (${step.pause}) until a run with 'resume: true' goes on.`;
  const { weight, bake, mirror, route } = step;
  const share =
    route !== undefined
      ? `Give ${version} the requests with ${route.header}: ${route.value}`
      : mirror !== undefined
        ? `Copy ${mirror} % of the requests to ${version}`
        : weight === 100
          ? words.switching.replace(/\.$/, '')
          : `Give ${version} ${weight} % of the traffic`;
  return bake === 0 ? `${share}.` : `${share}, and watch it for ${bake / 1000} s.`;
}

function verifying(who: string, { verification }: Asked, candidate: IdentifiedVersion): string {
  const { golden, modelGolden, recorded, readyCount, latencyP95Ms } = verification;
  const ofModel = modelGolden.length > 0 ? ' and those of the model' : '';
  const ofVersion = recorded && candidate.goldenDigest !== undefined ? ' and those that were recorded' : '';
  const latency = latencyP95Ms === undefined ? '' : `, 95th percentile within ${latencyP95Ms} ms`;
  return `Ask ${who} whether it is ready, ${readyCount} times; ${golden.length} golden cases${ofModel}${ofVersion}${latency}.`;
}

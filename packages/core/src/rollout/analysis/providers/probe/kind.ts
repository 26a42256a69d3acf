import type { PredictionAnswer } from '../../../../serving/server.ts';
import type { MetricRule } from '../../metric-rule.ts';
import { meanOf, observe, proportionOf, type Observation } from '../../samples.ts';
import type { ProviderKind } from '../kind.ts';
import { errorRules, increaseLimit, ruler } from '../limits.ts';
import { readRequests } from '../requests.ts';
import { senderOf, type Sent } from '../sending.ts';
import type { ProbeConfig } from './schema.ts';

/** Requests of the step's own, for environments with little traffic or none. */
export const probe: ProviderKind<ProbeConfig> = async ({ value, name, folder }, step) => {
  const requests = await readRequests(value.requests, `${name}.requests`, folder, step);
  const send = senderOf(requests, value);
  const errors = errorRulesOf(value);
  const latency = latencyRules(value);
  return {
    needs: ['probe'],
    rules: [...errors, ...latency],
    async sample(window, signal) {
      const sent = await send(window, signal);
      const all = (rules: readonly MetricRule[], observation: Observation) =>
        rules.map(({ id }) => ({ metric: id, observation }));
      if (typeof sent === 'string') return all([...errors, ...latency], { kind: 'error', message: sent });
      return [
        ...all(errors, errorsIn(sent)),
        ...all(latency, latencyIn(sent, window.arms.candidate.version)),
      ];
    },
  };
};

function errorRulesOf(config: ProbeConfig): MetricRule[] {
  if (config.errors === undefined && config.latency !== undefined) return [];
  return errorRules(config, config.errors ?? {});
}

function latencyRules(config: ProbeConfig): MetricRule[] {
  if (config.latency === undefined) return [];
  const limit = increaseLimit(config.latency['max-increase']);
  return [{ ...ruler(config)('latency', 'log-mean', limit), measure: 'ms' }];
}

/** Whether there is a prediction in the answer, which a status of success alone does not say. */
function isGood(answer: PredictionAnswer): boolean {
  return answer.kind === 'answered' && answer.prediction.kind === 'found';
}

/** The share of requests without a prediction. */
export function errorsIn(sent: readonly Sent[]): Observation {
  const failed = (arm: 'candidate' | 'stable') =>
    proportionOf(answersOf(sent, arm).map((answer) => !isGood(answer)));
  return observe({ candidate: failed('candidate'), stable: failed('stable') });
}

/** How long predictions took, in milliseconds. */
export function latencyIn(sent: readonly Sent[], version: string): Observation {
  const times = (arm: 'candidate' | 'stable') =>
    meanOf(
      'log-mean',
      answersOf(sent, arm)
        .filter(isGood)
        .map(({ ms }) => ms),
    );
  const candidate = times('candidate');
  if (candidate.n > 0) return observe({ candidate, stable: times('stable') });
  return {
    kind: 'no-data',
    message: `None of ${sent.length} requests to ${version} got a prediction to time.`,
  };
}

function answersOf(sent: readonly Sent[], arm: 'candidate' | 'stable'): PredictionAnswer[] {
  return sent.flatMap((one) => one[arm] ?? []);
}

import { parseDuration } from '../../../../schema/duration.ts';
import { countingAnalysis } from '../counting.ts';
import type { ProviderKind } from '../kind.ts';
import { readService } from '../service.ts';
import { prometheusAt } from './api.ts';
import { countErrors } from './counting.ts';
import { isByInstance, readQuery } from './query.ts';
import type { PrometheusConfig } from './schema.ts';

const VARIABLES = { url: 'PROMETHEUS_URL', token: 'PROMETHEUS_TOKEN' };
const DEFAULT_TIMEOUT = '10s';

/** Counts of requests and errors that Prometheus keeps. */
export const prometheus: ProviderKind<PrometheusConfig> = async ({ value, name }, { env }) => {
  const service = readService(value.url, `${name}.url`, VARIABLES, env);
  const server = prometheusAt(service, parseDuration(value.timeout ?? DEFAULT_TIMEOUT, `${name}.timeout`));
  const queries = {
    requests: readQuery(value.query.requests, `${name}.query.requests`),
    errors: readQuery(value.query.errors, `${name}.query.errors`),
  };
  const counting = countingAnalysis(value, (window, signal) => countErrors(server, queries, window, signal));
  const needs = isByInstance(queries.requests) || isByInstance(queries.errors) ? (['probe'] as const) : [];
  return { ...counting, needs };
};

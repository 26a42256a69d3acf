import { refuseTokenOverHttp } from '../action/trusted-origins.ts';
import { boundedFetch } from './bounded-fetch.ts';
import type { Deadline } from './deadline.ts';
import { forgeApi, type ForgeApi } from './api.ts';

/** No request may hold up a step for longer; GitHub itself gives up after ten seconds. */
const REQUEST_TIMEOUT_MS = 10_000;

const nothing = (): undefined => undefined;
/** What a request came to is reported by whoever sent it, once and in words. */
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/**
 * Opens the GitHub API of a step: GitHub, GitHub Enterprise Server, or what else answers at GITHUB_API_URL. Undefined
 * without a token or a repository. Requests end with the `deadline`. The client is loaded here, so that steps without a token start without it.
 */
export async function openGitHub(
  env: Readonly<NodeJS.ProcessEnv>,
  token: string | undefined,
  deadline: Deadline,
): Promise<ForgeApi | undefined> {
  const repository = env['GITHUB_REPOSITORY'];
  if (token === undefined || !repository || !/^[^/]+\/[^/]+$/.test(repository)) return undefined;
  const { Octokit } = await import('@octokit/rest');
  const { getOctokitOptions } = await import('@actions/github/lib/utils');
  const baseUrl = env['GITHUB_API_URL'] || 'https://api.github.com';
  refuseTokenOverHttp(new URL(baseUrl), 'GITHUB_API_URL', env);
  // The runner's options carry the proxy settings, which the client alone does not know.
  const options = getOctokitOptions(token, { baseUrl, log: SILENT });
  const fetch = boundedFetch(
    (options.request?.fetch as typeof globalThis.fetch | undefined) ?? globalThis.fetch,
  );
  const octokit = new Octokit({ ...options, request: { ...options.request, fetch } });
  return forgeApi(
    (route, parameters, ending) =>
      withinTime(ending, (signal) => octokit.request(route, { ...parameters, request: { signal } })),
    repository,
    deadline,
  );
}

/** Not with AbortSignal.any: a signal of AbortSignal.timeout that nothing else holds is collected and never ends. */
async function withinTime<T>(ending: AbortSignal, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const timer = setTimeout(end, REQUEST_TIMEOUT_MS);
  ending.addEventListener('abort', end, { once: true });
  try {
    return await send(controller.signal);
  } finally {
    clearTimeout(timer);
    ending.removeEventListener('abort', end);
  }
}

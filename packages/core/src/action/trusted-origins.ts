import { UserError } from './errors.ts';

/** The variable by which a workflow allows more origins than the service's own variables name. */
const VARIABLE = 'SLUICE_TRUSTED_ORIGINS';

/** The origin (scheme, host, port) of an http or https address; undefined for anything else. */
function originOf(address: string | undefined): string | undefined {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

/**
 * Whether secrets of the job may go to an address that a file of the repository names. Whoever sends a pull request writes that
 * file, so the environment has to name the same origin: one of `named`, or one of SLUICE_TRUSTED_ORIGINS.
 */
export function isTrustedOrigin(
  address: string,
  named: readonly (string | undefined)[],
  env: Readonly<NodeJS.ProcessEnv>,
): boolean {
  const origin = originOf(address);
  const allowed = [...named, ...(env[VARIABLE] ?? '').split(/[\s,]+/)].map(originOf);
  return origin !== undefined && allowed.includes(origin);
}

/** What to do about an address that is not trusted, as the end of a message. */
export function trustRemedy(variable: string): string {
  return `A file of the repository names it, and whoever sends a pull request writes that: set ${variable} (or ${VARIABLE}) to this address in the env of the step, if the job's secrets may go there.`;
}

/** Throws `bad-config` where a secret would go over plain http to another machine. `what` names the server in the message. */
export function refusePlainHttp(url: URL, what: string): void {
  if (url.protocol !== 'http:' || isLoopback(url.hostname)) return;
  throw new UserError(
    'bad-config',
    `${what} is ${url.origin}, and everybody on the way could read what signs the job in. Use https, or set no credentials for it.`,
  );
}

/**
 * Throws `bad-config` where the job's own token would go over plain http to another machine that the environment does not name
 * in SLUICE_TRUSTED_ORIGINS: in a network of the team's own it may.
 */
export function refuseTokenOverHttp(url: URL, what: string, env: Readonly<NodeJS.ProcessEnv>): void {
  if (url.protocol !== 'http:' || isLoopback(url.hostname) || isTrustedOrigin(url.href, [], env)) return;
  throw new UserError(
    'bad-config',
    `${what} is ${url.origin}, and everybody on the way could read the token that lets the job in. Use https; or, where the way is the team's own network, set ${VARIABLE} to ${url.origin} in the env of the step.`,
  );
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

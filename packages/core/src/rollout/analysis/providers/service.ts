import { shownAddress } from '../../../action/address.ts';
import { UserError } from '../../../action/errors.ts';
import { expand } from '../../../action/expand.ts';
import { maskSecret } from '../../../action/log.ts';
import { isTrustedOrigin, refuseTokenOverHttp, trustRemedy } from '../../../action/trusted-origins.ts';

/** A server that numbers are asked of, and as whom. */
export interface Service {
  /** Without slash at its end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How the environment names a server and what lets the job in there. */
export interface ServiceVariables {
  readonly url: string;
  readonly token: string;
}

/**
 * Where numbers are asked for: what a file of the repository says (`given`, named `place` in messages), else what the
 * environment says. The token of the environment goes only to an origin that the environment names too, and never over plain
 * http to a machine that it does not trust. Throws UserError `bad-config`.
 */
export function readService(
  given: string | undefined,
  place: string,
  variables: ServiceVariables,
  env: Readonly<NodeJS.ProcessEnv>,
): Service {
  const address = given === undefined ? env[variables.url] : expand(given, place, env);
  if (address === undefined || address === '') {
    throw new UserError(
      'bad-config',
      `${place} is not set. Write the address there, or set ${variables.url} in the env of the step.`,
    );
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isBare =
    url !== undefined && url.search === '' && url.hash === '' && url.username + url.password === '';
  if (!isBare || !/^https?:$/.test(url.protocol)) {
    throw new UserError(
      'bad-config',
      `${place} is '${shownAddress(address)}'. Write an http or https address without name, password and query. A token goes into ${variables.token}, in the env of the step.`,
    );
  }
  return { url: url.href.replace(/\/+$/, ''), headers: authorization(url, place, variables, env) };
}

function authorization(
  url: URL,
  place: string,
  variables: ServiceVariables,
  env: Readonly<NodeJS.ProcessEnv>,
): Service['headers'] {
  const token = env[variables.token];
  if (token === undefined || token === '') return {};
  maskSecret(token);
  if (!isTrustedOrigin(url.href, [env[variables.url]], env)) {
    throw new UserError(
      'bad-config',
      `${place} is ${url.origin}, and ${variables.token} of the job is not sent there. ${trustRemedy(variables.url)}`,
    );
  }
  refuseTokenOverHttp(url, place, env);
  return { authorization: `Bearer ${token}` };
}

import { shownAddress } from '../action/address.ts';
import { UserError } from '../action/errors.ts';
import { expand } from '../action/expand.ts';
import type { Section } from '../schema/section.ts';
import type { ServerConfig } from './server-schema.ts';
import type { ServerAddress } from './server.ts';
import type { TargetStep } from './targets/kind.ts';

/** Longest wait for one answer; a server that needs longer for one prediction does not serve anybody. */
const LONGEST_REQUEST_MS = 10_000;

/** Where a target's model server answers; undefined when the section names no url. Throws `bad-config` for what is no URL. */
export function readServerAddress(
  { value, name }: Section<ServerConfig>,
  { env, timeoutMs }: TargetStep,
): ServerAddress | undefined {
  if (value.url === undefined) return undefined;
  const url = expand(value.url, `${name}.url`, env);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const usable = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.search === '';
  if (!usable || parsed.username !== '' || parsed.password !== '') {
    throw new UserError(
      'bad-config',
      `${name}.url is '${shownAddress(url)}'. Write the base URL of the model server without name and password, such as http://127.0.0.1:8080.`,
    );
  }
  return {
    url,
    ready: value.ready ?? '/ready',
    versionPath: value['version-path'] ?? '/version',
    predict: value.predict ?? '/predict',
    requestTimeoutMs: Math.min(LONGEST_REQUEST_MS, timeoutMs),
  };
}

import { shownAddress } from '../action/address.ts';
import { UserError } from '../action/errors.ts';
import { expand } from '../action/expand.ts';
import type { Section } from '../schema/section.ts';
import { NO_VERSION_PATH, type ServerConfig } from './server-schema.ts';
import type { ServerAddress } from './server.ts';
import type { TargetStep } from './targets/kind.ts';

/** Longest wait for one answer; a server that needs longer for one prediction does not serve anybody. */
const LONGEST_REQUEST_MS = 10_000;

/**
 * Where a target's model server answers: its `url`, else the first of its `urls`; undefined when the section names none. Throws
 * `bad-config` for what is no URL.
 */
export function readServerAddress(
  section: Section<ServerConfig>,
  step: TargetStep,
): ServerAddress | undefined {
  const { url } = section.value;
  return url === undefined ? readReplicas(section, step)[0] : addressOf(section, url, 'url', step);
}

/** Where each replica of a target answers: its `urls`, else its `url` alone. Throws `bad-config` for what is no URL. */
export function readReplicas(section: Section<ServerConfig>, step: TargetStep): ServerAddress[] {
  const { url, urls } = section.value;
  if (urls === undefined) return url === undefined ? [] : [addressOf(section, url, 'url', step)];
  return urls.map((one, index) => addressOf(section, one, `urls[${index}]`, step));
}

/** An address with the other keys of the section. Throws `bad-config`, which names `key`, for what is no URL. */
export function addressOf(
  section: Section<ServerConfig>,
  given: string,
  key: string,
  step: TargetStep,
): ServerAddress {
  const place = `${section.name}.${key}`;
  return serverAddress(section, expand(given, place, step.env), place, step);
}

/** A server at a URL, with the paths that the section has. Throws `bad-config` naming `place` for what is no URL. */
export function serverAddress(
  { value }: Section<ServerConfig>,
  url: string,
  place: string,
  { timeoutMs, protocol }: TargetStep,
): ServerAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const usable = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.search === '';
  if (!usable || parsed.username !== '' || parsed.password !== '') {
    throw new UserError(
      'bad-config',
      `${place} is '${shownAddress(url)}'. Write the base URL of the model server without name and password, such as http://127.0.0.1:8080.`,
    );
  }
  const { paths } = protocol;
  const versionPath = value['version-path'] ?? paths.version;
  return {
    url,
    ready: value.ready ?? paths.ready,
    versionPath: versionPath === NO_VERSION_PATH ? undefined : versionPath,
    predict: value.predict ?? paths.predict,
    protocol,
    requestTimeoutMs: Math.min(LONGEST_REQUEST_MS, timeoutMs),
  };
}

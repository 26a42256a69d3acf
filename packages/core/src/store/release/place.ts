import { UserError } from '../../action/errors.ts';
import { modelDigestHex } from '../description.ts';
import type { StoreContext } from '../store.ts';
import { LONGEST_WAIT_MS, ReleaseRefusal, ReleaseUnavailable, type ReleaseClient } from './client.ts';

/** One model in the releases of a repository. */
export interface Place extends StoreContext {
  readonly client: ReleaseClient;
  readonly model: string;
  /** The model digest, hex. */
  readonly digest: string;
  /** The lightweight tag of the release: no version, for those are annotated. */
  readonly tag: string;
}

export const DESCRIPTION_ASSET = 'entry.json';

/**
 * Names of the assets for packs of these files: that of the file itself, where a pack has one and GitHub leaves the name as it
 * is, so that a person finds it; else a number.
 */
export function packNames(
  packs: readonly { readonly files: readonly { readonly path: string }[] }[],
): string[] {
  const taken = new Set<string>();
  return packs.map(({ files }, index) => {
    const name = files.length === 1 ? (files[0]?.path ?? '') : '';
    const isFree = PLAIN.test(name) && !OURS.test(name) && !taken.has(name.toLowerCase());
    taken.add(name.toLowerCase());
    return isFree ? name : `model-${String(index + 1).padStart(4, '0')}`;
  });
}

/** What GitHub leaves as it is. */
const PLAIN = /^[a-z\d][\w.-]{0,99}$/i;
/** Names that other assets have, whatever their case. */
const OURS = /^(entry\.json$|beside-|model-\d)/i;

/** Name of the asset for something beside a model; by its digest, so that each registration has its own. */
export const companionAsset = ({
  name,
  sha256,
}: {
  readonly name: string;
  readonly sha256: string;
}): string => `beside-${sha256}-${name}`;

/** Where a model lies. */
export function placeOf(client: ReleaseClient, context: StoreContext, model: string, digest: string): Place {
  const tag = `${model}/sha256/${modelDigestHex(digest)}`;
  return { ...context, client, model, digest, tag };
}

/** URI of a place. */
export const uriOf = ({ client, tag }: Place): string => `release:${client.repository}/${tag}`;

/** Runs what uses the releases, and turns what GitHub said into what to do about it. */
export async function explained<T>(
  { repository }: ReleaseClient,
  use: 'read' | 'write',
  body: () => Promise<T>,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw problem(repository, use, error) ?? error;
  }
}

function problem(repository: string, use: 'read' | 'write', error: unknown): UserError | undefined {
  const said = `The store release:${repository} cannot be used: ${error instanceof Error ? error.message : ''}`;
  if (error instanceof ReleaseUnavailable) {
    const later =
      (error.waitMs ?? 0) > LONGEST_WAIT_MS ? 'Run the step again after that time' : 'Run the step again';
    return new UserError(
      'service-unavailable',
      `${said}. ${later}; githubstatus.com says whether GitHub has a problem.`,
      { cause: error },
    );
  }
  if (!(error instanceof ReleaseRefusal)) return undefined;
  if (error.status >= 300 && error.status < 400) {
    return new UserError(
      'bad-config',
      `${said}. GitHub says that ${repository} is somewhere else: it was renamed or moved. Write its name of today into registry.store (release: alone where it is the repository of the workflow); what was stored before is found there.`,
      { cause: error },
    );
  }
  if ([401, 403, 404].includes(error.status)) {
    return new UserError(
      'no-permission',
      `${said}. Give the job the permission, and hand its token over as the input 'github-token':\npermissions:\n  contents: ${use}\nAnother repository needs a token of its own.`,
      { cause: error },
    );
  }
  return new UserError(
    'service-unavailable',
    `${said}. Look at the repository's rulesets for tags (they may forbid */sha256/*) and at its releases.`,
    { cause: error },
  );
}

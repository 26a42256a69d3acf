import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { initTUF } from '@sigstore/tuf';
import { UserError } from '../../action/errors.ts';
import { GITHUB_ROOT } from './github-root.ts';
import { reasonOf } from './reason.ts';
import { tenantOf } from './server.ts';

/** A repository of The Update Framework (TUF) that publishes trusted roots. */
export interface Mirror {
  readonly url: string;
  /** The `root.json` that trust begins with; undefined: the one that @sigstore/tuf carries. */
  readonly root?: string;
  /** The name of the trusted root. */
  readonly target: string;
}

/** Who publishes the root for certificates by this organisation, as the gh command line chooses; undefined: nobody we know. */
export function mirrorFor(organisation: string, server: string): Mirror | undefined {
  if (organisation === 'sigstore.dev')
    return { url: 'https://tuf-repo-cdn.sigstore.dev', target: 'trusted_root.json' };
  if (organisation !== 'GitHub, Inc.') return undefined;
  const tenant = tenantOf(server);
  return {
    url: 'https://tuf-repo.github.com',
    root: JSON.stringify(GITHUB_ROOT),
    target: tenant === undefined ? 'trusted_root.json' : `${tenant}.trusted_root.json`,
  };
}

/**
 * Fetches the trusted root that a mirror publishes now. Its keys may have rotated since `root`: each change is signed by the
 * keys before, and what has expired is refused. Throws UserError `service-unavailable`.
 */
export async function fetchTrustedRoot({ url, root, target }: Mirror): Promise<TrustedRoot> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-trust-'));
  try {
    const rootPath = path.join(folder, 'root.json');
    if (root !== undefined) await writeFile(rootPath, root);
    const client = await initTUF({
      mirrorURL: url,
      cachePath: path.join(folder, 'cache'),
      ...(root === undefined ? {} : { rootPath }),
    });
    return TrustedRoot.fromJSON(JSON.parse(await client.getTarget(target)));
  } catch (error) {
    throw new UserError(
      'service-unavailable',
      `The keys that signatures are verified with could not be fetched from ${url}: ${reasonOf(error)}. Nothing was deployed. Run the job again, or deploy without this service: write the keys into a file with \`gh attestation trusted-root\` and name it in evidence.trusted-root.`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

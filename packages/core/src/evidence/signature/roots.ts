import { TrustedRoot } from '@sigstore/protobuf-specs';
import { UserError, errorMessage } from '../../action/errors.ts';
import type { RootsFor } from './verify.ts';

/** The roots of a file that the team gave; nothing is fetched. `name` is how messages call it. */
export function givenRoots(text: string, name: string): RootsFor {
  const roots = parseTrustedRoots(text, name);
  return () => Promise.resolve(roots);
}

/** The roots that Sigstore and GitHub publish, as they are now, for certificates of workflow runs of `server`. */
export function publishedRoots(server: string): RootsFor {
  return async (organisation) => {
    const { fetchTrustedRoot, mirrorFor } = await import('./tuf.ts');
    const mirror = mirrorFor(organisation, server);
    return mirror === undefined ? [] : [await fetchTrustedRoot(mirror)];
  };
}

/**
 * Parses trusted roots in Sigstore's format, one JSON document or one a line as `gh attestation trusted-root` prints them.
 * Throws UserError `bad-config`.
 */
export function parseTrustedRoots(text: string, name: string): TrustedRoot[] {
  try {
    return documents(text).map((document) => {
      const root = TrustedRoot.fromJSON(document);
      if (root.certificateAuthorities.length === 0) throw new Error('it names no certificate authority');
      return root;
    });
  } catch (error) {
    throw new UserError(
      'bad-config',
      `${name} is not a trusted root of Sigstore: ${errorMessage(error)}. Write it with \`gh attestation trusted-root\`.`,
      { cause: error },
    );
  }
}

function documents(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new Error('it is empty');
  const oneEach = lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'));
  return (oneEach ? lines : [text]).map((document): unknown => JSON.parse(document));
}

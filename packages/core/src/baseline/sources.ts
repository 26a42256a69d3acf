import { UserError } from '../action/errors.ts';
import { parseName } from '../action/names.ts';

/** Where a baseline may come from. `text` is how the user wrote it. */
export type BaselineSource = { readonly text: string } & (
  | { readonly kind: 'environment'; readonly environment: string }
  | { readonly kind: 'latest' }
  | { readonly kind: 'merge-base' }
  | { readonly kind: 'file'; readonly path: string }
);

/** Parses one baseline source; throws `bad-config` with what is allowed. */
export function parseSource(text: string, championEnvironment: string): BaselineSource {
  if (text === 'champion') return { text, kind: 'environment', environment: championEnvironment };
  if (text === 'latest') return { text, kind: 'latest' };
  if (text === 'merge-base') return { text, kind: 'merge-base' };
  const [, kind, rest] = /^(deployed|file):(.+)$/s.exec(text) ?? [];
  if (kind === 'deployed') return { text, kind: 'environment', environment: parseName('environment', rest) };
  if (kind === 'file' && rest !== undefined) return { text, kind: 'file', path: rest };
  throw new UserError(
    'bad-config',
    `The baseline source '${text}' is not known. Allowed: champion, deployed:<environment>, latest, merge-base, file:<path>.`,
  );
}

import type { FileDigest } from './files.ts';

/** Whether a model is one file, or a folder with all that is in it. */
export type ModelKind = 'file' | 'folder';

/**
 * The manifest of a model, as GNU `sha256sum` prints it: one line `<hex>  <path>` for each file, in the order of the
 * bytes of the paths. In a folder paths begin with `./`, as `find .` gives them, so that a file and a folder that holds it
 * are told apart; of a single file it is the name.
 */
export function formatManifest(kind: ModelKind, files: readonly FileDigest[]): string {
  const prefix = kind === 'folder' ? './' : '';
  return files
    .map(({ path, sha256 }) => ({ bytes: Buffer.from(path), line: manifestLine(sha256, prefix + path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ line }) => line)
    .join('');
}

/** `sha256sum` escapes what would break a line, and marks the line with a backslash. */
function manifestLine(sha256: string, path: string): string {
  const escaped = path.replace(/[\\\n\r]/g, (c) => ({ '\\': '\\\\', '\n': '\\n' })[c] ?? '\\r');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}

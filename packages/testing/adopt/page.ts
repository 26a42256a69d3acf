import { readFile } from 'node:fs/promises';

/**
 * The files that a page shows, word for word: each fenced block whose first line is a comment with a path is the file of
 * that path, without that line.
 */
export async function filesOfPage(page: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(page, 'utf8');
  const blocks = text.matchAll(/^```\w+\n# ([\w./-]+\.\w+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, file = '', content = '']) => [file, content]));
}

/** What a page changes in files that the project has: its blocks in the form of `git diff`. */
export async function patchOfPage(page: string): Promise<string> {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(/^```diff\n([\s\S]*?)^```$/gm)].map(([, patch = '']) => patch).join('');
}

import { readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';

/** The TypeScript sources under a folder, tests left out. */
export async function sourcesIn(folder: string): Promise<{ file: string; text: string }[]> {
  const entries = await readdir(folder, { recursive: true });
  const files = entries.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).sort();
  return Promise.all(
    files.map(async (file) => {
      const absolute = path.join(folder, file);
      return { file: absolute, text: await readFile(absolute, 'utf8') };
    }),
  );
}

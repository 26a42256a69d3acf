import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RESULTS = fileURLToPath(new URL('results.md', import.meta.url));

/** Replaces one part of results.md and prints it, so that each benchmark can be run alone. */
export function writeSection(name: string, text: string): void {
  const marker = (end: 'start' | 'end'): string => `<!-- ${name}-${end} -->`;
  const before = readFileSync(RESULTS, 'utf8');
  const from = before.indexOf(marker('start'));
  const to = before.indexOf(marker('end'));
  if (from < 0 || to < from) throw new Error(`results.md has no part ${marker('start')} … ${marker('end')}.`);
  const section = `${marker('start')}\n\n${text.trim()}\n\n`;
  writeFileSync(RESULTS, before.slice(0, from) + section + before.slice(to));
  process.stdout.write(`${text.trim()}\n`);
}

import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces one part of a results.md and prints it, so that each benchmark can be run alone. */
export function writeSection(results, name, text) {
  const marker = (end) => `<!-- ${name}-${end} -->`;
  const before = readFileSync(results, 'utf8');
  const from = before.indexOf(marker('start'));
  const to = before.indexOf(marker('end'));
  if (from < 0 || to < from) throw new Error(`results.md has no part ${marker('start')} … ${marker('end')}.`);
  const section = `${marker('start')}\n\n${text.trim()}\n\n`;
  writeFileSync(results, before.slice(0, from) + section + before.slice(to));
  process.stdout.write(`${text.trim()}\n`);
}

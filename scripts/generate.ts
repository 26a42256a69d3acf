// Writes what is generated from the code: the tables in the READMEs of the actions, and schemas/.
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from './generate/actions.ts';
import { generatedFiles } from './generate/files.ts';

for (const [file, text] of await generatedFiles()) {
  const target = path.join(ROOT, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
  console.log(`Wrote ${file}`);
}

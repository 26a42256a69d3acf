// The licences of the packages whose code is in a bundle: most of them ask for their text to go with every copy.
import { readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';

/** Returns one text with name, version, licence and licence text of every package among the bundled files. */
export async function licencesOf(root, bundledFiles) {
  const folders = [
    ...new Set(bundledFiles.map(packageFolder).filter((folder) => folder !== undefined)),
  ].sort();
  const parts = await Promise.all(folders.map((folder) => describe(path.join(root, folder))));
  return [...new Set(parts)].join(`\n${'-'.repeat(80)}\n\n`);
}

/** `node_modules/a/node_modules/@b/c` of `node_modules/a/node_modules/@b/c/lib/d.js`. */
function packageFolder(file) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

async function describe(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : await readFile(path.join(folder, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text.trim().replaceAll('\r\n', '\n')}\n`;
}

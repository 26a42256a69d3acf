import { mkdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { takePicture } from './chromium.ts';
import { commentPage, type Theme } from './page.ts';
import { reportOf, SITUATIONS, type Picture } from './situations.ts';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const SCRATCH = path.join(ROOT, '.scratch', 'screenshots');
const PUBLISHED = path.join(ROOT, 'docs', 'images');
const THEMES: readonly Theme[] = ['light', 'dark'];
/** About as wide as a comment on a pull request; with `--narrow` as on a telephone, for the scratch folder only. */
const narrow = process.argv.includes('--narrow');
const WIDTH = narrow ? 430 : 884;

/** Names of situations, such as `fail`; without any, all of them are run. */
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
await mkdir(SCRATCH, { recursive: true });
await mkdir(PUBLISHED, { recursive: true });
for (const situation of SITUATIONS) {
  if (wanted.length > 0 && !wanted.includes(situation.name)) continue;
  const markdown = await reportOf(situation);
  await writeFile(path.join(SCRATCH, `${situation.name}.md`), markdown);
  for (const picture of situation.pictures) await draw(markdown, picture);
}

async function draw(markdown: string, { name, published, open = [] }: Picture): Promise<void> {
  for (const theme of THEMES) {
    const page = path.join(SCRATCH, `${name}-${theme}.html`);
    await writeFile(page, await commentPage(markdown, { theme, width: WIDTH, open }));
    const folder = published && !narrow ? PUBLISHED : SCRATCH;
    const file = path.join(folder, `gate-${name}-${theme}.png`);
    await takePicture(page, file, WIDTH);
    await rm(page);
    console.log(path.relative(ROOT, file));
  }
}

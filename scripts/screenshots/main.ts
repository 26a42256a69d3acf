import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { scenesOfChain } from './chain.ts';
import { takePicture } from './chromium.ts';
import { reportPage, type Theme, type View } from './page.ts';
import { reportOf, SITUATIONS, type Look } from './situations.ts';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const SCRATCH = path.join(ROOT, '.scratch', 'screenshots');
const PUBLISHED = path.join(ROOT, 'docs', 'images');
/** About as wide as a comment on a pull request. */
const WIDE = 884;
/** As wide as on a telephone. */
const NARROW = 400;
/** Whoever reads the documentation on a telephone should not wait for a picture. */
const LARGEST = 80_000;
const COMMENT = '<b>github-actions</b> bot commented';
const SUMMARY = 'Job summary';

/** Looks of a report: one picture each. */
const LOOKS: readonly { readonly look: Look; readonly theme: Theme; readonly width: number }[] = [
  { look: 'light', theme: 'light', width: WIDE },
  { look: 'dark', theme: 'dark', width: WIDE },
  { look: 'narrow', theme: 'light', width: NARROW },
];

/** Names of situations or scenes, such as `fail` or `deploy`; without any, all of them are drawn. */
const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);

await mkdir(SCRATCH, { recursive: true });
await mkdir(PUBLISHED, { recursive: true });
for (const situation of SITUATIONS.filter(({ name }) => isWanted(name))) {
  const markdown = await reportOf(situation);
  await writeFile(path.join(SCRATCH, `gate-${situation.name}.md`), markdown);
  for (const { name, published, open = [] } of situation.pictures) {
    const view = { header: COMMENT, open };
    await draw(`gate-${name}`, markdown, view, (look) => (published.includes(look) ? PUBLISHED : SCRATCH));
  }
}
if (wanted.length === 0 || wanted.some((name) => !SITUATIONS.some((situation) => situation.name === name))) {
  for (const { name, markdown } of await scenesOfChain()) {
    await writeFile(path.join(SCRATCH, `${name}.md`), markdown);
    if (isWanted(name)) await draw(name, markdown, { header: SUMMARY, open: [] }, () => PUBLISHED);
  }
}

async function draw(
  name: string,
  markdown: string,
  view: Pick<View, 'header' | 'open'>,
  folderOf: (look: Look) => string,
): Promise<void> {
  for (const { look, theme, width } of LOOKS) {
    const page = path.join(SCRATCH, `${name}-${look}.html`);
    await writeFile(page, await reportPage(markdown, { ...view, theme, width }));
    const file = path.join(folderOf(look), `${name}-${look}.png`);
    const wide = await takePicture(page, file, { width, largest: LARGEST });
    await rm(page);
    const { size } = await stat(file);
    const faults = [
      ...(wide > 0 ? [`${wide} of its tables do not fit`] : []),
      ...(size > LARGEST ? [`more than ${LARGEST} bytes`] : []),
    ];
    console.log([path.relative(ROOT, file), `${size} bytes`, ...faults].join(', '));
  }
}

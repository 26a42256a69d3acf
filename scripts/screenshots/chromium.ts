import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The sandbox needs privileges that a container does not give; the page is our own and loads nothing. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--hide-scrollbars',
  '--run-all-compositor-stages-before-draw',
  '--virtual-time-budget=20000',
];
const MOST_PIXELS = 64 * 1024 * 1024;

/** Sizes of the palette; the first that makes the picture small enough is taken. */
const COLOURS = [48, 24, 12, 8];

/**
 * Takes a picture of a whole page and reduces it to a palette, until it is no larger than `largest` bytes. Returns how many
 * tables do not fit into the width. Needs chromium and pngquant on the PATH.
 */
export async function takePicture(
  page: string,
  file: string,
  { width, largest }: { readonly width: number; readonly largest: number },
): Promise<number> {
  const address = `file://${page}`;
  const window = (height: number): string => `--window-size=${width},${height}`;
  const options = { maxBuffer: MOST_PIXELS };
  const { stdout } = await execute('chromium', [...FLAGS, window(2000), '--dump-dom', address], options);
  const [, height, wide] = /<title>height (\d+) wide (\d+)<\/title>/.exec(stdout) ?? [];
  if (height === undefined) throw new Error(`${page} was not drawn to the end`);
  await execute('chromium', [...FLAGS, window(Number(height)), `--screenshot=${file}`, address], options);
  for (const colours of COLOURS) {
    await execute('pngquant', ['--force', '--nofs', '--strip', '--ext', '.png', String(colours), file]);
    if ((await stat(file)).size <= largest) break;
  }
  return Number(wide);
}

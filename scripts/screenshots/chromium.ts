import { execFile } from 'node:child_process';
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

/** Takes a picture of a whole page and reduces it to a palette. Needs chromium and pngquant on the PATH. */
export async function takePicture(page: string, file: string, width: number): Promise<void> {
  const address = `file://${page}`;
  const window = (height: number): string => `--window-size=${width},${height}`;
  const options = { maxBuffer: MOST_PIXELS };
  const { stdout } = await execute('chromium', [...FLAGS, window(2000), '--dump-dom', address], options);
  const height = /<title>height (\d+)<\/title>/.exec(stdout)?.[1];
  if (height === undefined) throw new Error(`${page} was not drawn to the end`);
  await execute('chromium', [...FLAGS, window(Number(height)), `--screenshot=${file}`, address], options);
  await execute('pngquant', ['--force', '--skip-if-larger', '--strip', '--ext', '.png', '48', file]);
}

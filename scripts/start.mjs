// `npm start`: sets everything up and tells the story of the example project. `npm start -- --keep` leaves it running.
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, setUpOrExit } from './setup.mjs';

const OPTIONS = ['--keep'];
const unknown = process.argv.slice(2).filter((argument) => !OPTIONS.includes(argument));
if (unknown.length > 0) {
  console.error(`Unknown argument ${unknown.join(' ')}. Allowed: ${OPTIONS.join(', ')}`);
  process.exit(2);
}

console.log(
  'Sluice: the whole chain, from data to production and back, in workflows that run on this machine\n',
);
await setUpOrExit();

const tsx = pathToFileURL(path.join(ROOT, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs')).href;
const story = path.join(ROOT, 'scripts', 'story', 'main.ts');
const child = spawn(process.execPath, ['--import', tsx, story, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The story gets the same signal from the terminal, and cleans up; this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('close', (code) => (process.exitCode = code ?? 1));

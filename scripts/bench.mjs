// Runs a benchmark, or lists them. Usage: npm run bench [-- NAME [ARGUMENTS]]
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../..');

/** The first sentence of the comment at the top of a program. */
function firstSentence(source) {
  const lines = source.split('\n');
  const comment = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  );
  const text = comment.map((line) => line.slice(2).trim()).join(' ');
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}

/** Every folder of bench/ that has a run.mjs, with what it measures. */
export function benchmarks() {
  const folder = path.join(ROOT, 'bench');
  return readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'run.mjs')))
    .sort()
    .map((name) => ({
      name,
      what: firstSentence(readFileSync(path.join(folder, name, 'run.mjs'), 'utf8')),
    }));
}

function list() {
  const all = benchmarks();
  const width = Math.max(...all.map(({ name }) => name.length));
  return [
    'npm run bench -- NAME [ARGUMENTS], with NAME one of',
    ...all.map(({ name, what }) => `  ${name.padEnd(width)}  ${what}`),
    'bench/README.md says how to read what comes out.',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) console.log(list());
  else if (benchmarks().some((one) => one.name === name)) {
    const child = spawn(process.execPath, [path.join('bench', name, 'run.mjs'), ...args], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    child.once('close', (code) => (process.exitCode = code ?? 1));
  } else {
    console.error(`There is no benchmark '${name}'.\n${list()}`);
    process.exitCode = 2;
  }
}

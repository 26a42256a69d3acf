import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-setup-'));
});
afterEach(async () => rm(folder, { recursive: true }));

/** Runs a module of the set-up in a Node of its own, as it runs before anything is installed. */
function run(
  module: string,
  script: string,
  env: Record<string, string> = {},
): Promise<{ stdout: string; stderr: string }> {
  const source = `const m = await import(${JSON.stringify(path.join(HERE, module))});\n${script}`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '-e', source],
      { env: { ...process.env, ...env } },
      (_, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}

test.each(['18.20.0', '20.18.3'])(
  'Node %s is too old, and the message says what is needed',
  async (version) => {
    const { stderr } = await run('node.mjs', `m.checkNode('${version}')`);
    expect(stderr).toContain(`Node 20.19 or newer is needed; this is ${version}`);
  },
);

test.each(['20.19.0', '20.20.2', '24.0.0'])('Node %s will do', async (version) => {
  const { stdout } = await run('node.mjs', `m.checkNode('${version}'); console.log('fine')`);
  expect(stdout).toBe('fine\n');
});

test('without Python the message says which one is needed', async () => {
  const { stderr } = await run('python.mjs', `await m.installPython('${folder}', [], () => {})`, {
    PATH: folder,
  });
  expect(stderr).toContain('Python 3.10 or newer is needed, but none is on PATH');
});

test('a Python that is too old is named', async () => {
  const python = path.join(folder, 'python3');
  await writeFile(python, '#!/bin/sh\necho 3.8.10\n', { mode: 0o755 });
  const { stderr } = await run('python.mjs', `await m.installPython('${folder}', [], () => {})`, {
    PATH: folder,
  });
  expect(stderr).toContain('but python3 is 3.8.10');
});

test('a Python without the venv module says which package has it', async () => {
  const python = path.join(folder, 'python3');
  await writeFile(
    python,
    '#!/bin/sh\n[ "$1" = -c ] && echo 3.11.2 && exit 0\necho "No module named venv"; exit 1\n',
    {
      mode: 0o755,
    },
  );
  const { stderr } = await run('python.mjs', `await m.installPython('${folder}', [], () => {})`, {
    PATH: folder,
  });
  expect(stderr).toContain('No module named venv');
  expect(stderr).toContain('apt-get install python3-venv');
});

test('a stamp holds until the file that it was made from changes', async () => {
  const [file, stamp] = [path.join(folder, 'lock'), path.join(folder, 'a', 'stamp')];
  await writeFile(file, 'one');
  const { stdout } = await run(
    'stamp.mjs',
    `import { writeFileSync } from 'node:fs';
     const ask = () => m.isMarked('${stamp}', m.fingerprint(['${file}']));
     const before = ask();
     m.mark('${stamp}', m.fingerprint(['${file}']));
     const after = ask();
     writeFileSync('${file}', 'two');
     console.log(before, after, ask());`,
  );
  expect(stdout).toBe('false true false\n');
});

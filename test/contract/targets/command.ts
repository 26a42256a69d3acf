import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from '@sluice/testing/action.ts';
import { endServers } from '@sluice/testing/target-servers.ts';
import { predictZeroAt, type TargetHarnesses } from '../serving-target.ts';

const SAMPLES = path.join(ROOT, 'workflows-examples', 'targets');
const MODEL_SERVER = path.join(ROOT, 'packages', 'testing', 'model-server.mjs');

/** The program that docs/command-target.md shows. */
export async function programOfPage(): Promise<string> {
  const page = await readFile(path.join(ROOT, 'docs', 'command-target.md'), 'utf8');
  const [, program] = /```python\n([\s\S]*?)```/.exec(page) ?? [];
  if (program === undefined) throw new Error('docs/command-target.md shows no program');
  return program;
}

export const harnesses: TargetHarnesses = {
  async 'with a front door of a few lines'(scratch) {
    const root = path.join(scratch, 'served');
    const program = path.join(SAMPLES, 'front.py');
    const front = spawn('python3', [program, 'serve', '--root', root, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(front.stdout, 'data')) as [Buffer];
    const url = line.toString('utf8').trim();
    const serve = `'${process.execPath}' '${MODEL_SERVER}' {root} {port}`;
    return {
      config: {
        type: 'command',
        run: `python3 ${program} --serve "${serve}"`,
        path: root,
        capabilities: ['split', 'header-route', 'probe'],
        url,
        keep: 3,
      },
      predictZero: (headers) => predictZeroAt(url, headers),
      interfere: () => appendFile(path.join(root, 'traffic.json'), '\n'),
      async close() {
        const closed = once(front, 'close');
        front.kill('SIGKILL');
        await Promise.all([closed, endServers(root)]);
      },
    };
  },

  async 'with the program of docs/command-target.md'(scratch) {
    const root = path.join(scratch, 'small');
    const program = path.join(scratch, 'traffic.py');
    await writeFile(program, await programOfPage());
    return {
      config: { type: 'command', run: 'python3 traffic.py', path: root, keep: 3 },
      async predictZero() {
        const record = await readFile(path.join(root, 'traffic.json'), 'utf8');
        const [share] = (JSON.parse(record) as { shares: { version: string }[] }).shares;
        if (share === undefined) return undefined;
        const model = path.join(root, 'releases', share.version, 'model', 'model.json');
        return (JSON.parse(await readFile(model, 'utf8')) as { bias: number }).bias;
      },
      close: async () => undefined,
    };
  },
};

import { appendFile, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from '@sluice/testing/action.ts';
import { startFrontDoor } from '@sluice/testing/front-door.ts';
import { predictZeroAt, type TargetHarnesses } from '../serving-target.ts';

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
    const front = await startFrontDoor(root);
    const { url, run, capabilities } = front;
    return {
      config: {
        type: 'command',
        run,
        path: root,
        capabilities: [...capabilities],
        url,
        keep: 3,
      },
      predictZero: (headers) => predictZeroAt(url, headers),
      interfere: () => appendFile(path.join(root, 'traffic.json'), '\n'),
      close: () => front.stop(),
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

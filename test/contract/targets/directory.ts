import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startModelServer } from '@sluice/testing/model-server.ts';
import { predictZeroAt, type TargetHarnesses } from '../serving-target.ts';

/** A directory that a server follows, and one that nobody reads. */
export const harnesses: TargetHarnesses = {
  async 'with a server'(scratch) {
    const root = path.join(scratch, 'served');
    const server = await startModelServer(root);
    return {
      config: { type: 'directory', path: root, url: server.url, reload: server.reload, keep: 3 },
      predictZero: () => predictZeroAt(server.url),
      close: () => server.stop(),
    };
  },
  async 'without a server'(scratch) {
    const root = path.join(scratch, 'bare');
    return {
      config: { type: 'directory', path: root, keep: 3 },
      async predictZero() {
        const text = await readFile(path.join(root, 'current/model/model.json'), 'utf8').catch(
          () => undefined,
        );
        return text === undefined ? undefined : (JSON.parse(text) as { bias: number }).bias;
      },
      close: async () => undefined,
    };
  },
};

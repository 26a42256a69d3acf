import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { httpServer } from '@sluice/core/serving/server.ts';
import { startModelServer } from '@sluice/testing/model-server.ts';
import { serverAt } from '@sluice/testing/serving.ts';
import type { TargetHarnesses } from '../serving-target.ts';

const signal = new AbortController().signal;

/** A directory that a server follows, and one that nobody reads. */
export const harnesses: TargetHarnesses = {
  async 'with a server'(scratch) {
    const root = path.join(scratch, 'served');
    const server = await startModelServer(root);
    const client = httpServer(serverAt(server.url));
    return {
      config: { type: 'directory', path: root, url: server.url, reload: server.reload, keep: 3 },
      async predictZero() {
        const answer = await client.predict({ x: 0 }, signal);
        return answer.kind === 'answered' && answer.status === 200
          ? (JSON.parse(answer.body) as { prediction: number }).prediction
          : undefined;
      },
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

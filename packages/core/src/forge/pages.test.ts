import { expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import type { ForgeApi } from './api.ts';
import { listed } from './pages.ts';

const item = z.object({ id: z.optional(z.number()) });

test('a list whose pages are full for ever is given up', async () => {
  let asked = 0;
  const page = Array.from({ length: 100 }, () => ({}));
  const api: Pick<ForgeApi, 'request'> = {
    request: <S extends z.ZodMiniType>() => {
      asked++;
      return Promise.resolve(page as z.infer<S>);
    },
  };
  const all = async (): Promise<void> => {
    for await (const { id } of listed(api as ForgeApi, 'GET /x', {}, item)) void id;
  };
  await expect(all()).rejects.toThrow('GET /x: the list has more than 1000 pages');
  expect(asked).toBe(1000);
});

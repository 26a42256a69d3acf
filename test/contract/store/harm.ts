/* eslint-disable jest/no-export, jest/expect-expect, jest/valid-title -- a suite that the test file of every store runs, with a helper that makes tests */
import { expect, test } from '@jest/globals';
import { readdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { putInProcess } from '@sluice/testing/store-process.ts';
import { Bench, digestOf, type Ability, type StoreKind, type StoreUnderTest } from './harness.ts';

const NONE = new Map<string, never>();

const file = (name: string) => ({ path: name, bytes: 5, sha256: 'a'.repeat(64) });
const folderOf = (...files: object[]) => JSON.stringify({ kind: 'folder', files });

/** Descriptions that nobody of good will writes. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['half of it', '{"kind":"folder","files":[{"path":"weig'],
  ['no JSON', '<html>sign in</html>'],
  ['another shape', '{"kind":"device","files":[]}'],
  ['no files', folderOf()],
  ['a list in a list', '['.repeat(50_000)],
  ['a way out', folderOf(file('../../../escaped'))],
  ['a way out in the middle', folderOf(file('weights'), file('deep/../../escaped'))],
  ['an absolute path', folderOf(file('/tmp/sluice-escaped'))],
  ['an empty name', folderOf(file(''))],
  ['a name with a zero', folderOf(file('a\0b'))],
  ['a file twice', folderOf(file('weights'), file('weights'))],
  ['a size below nothing', folderOf({ ...file('weights'), bytes: -1 })],
];

/** What is refused: changed bytes, hostile descriptions, missing rights, full disks. */
export function harmTests<T extends StoreUnderTest>(kind: StoreKind<T>): void {
  const withStore = (body: (bench: Bench<T>) => Promise<void>) => () => Bench.with(kind, body);
  /** A test of an ability; what does not apply is in the title of the suite, with the reason. */
  const ifAble = <A>(
    title: string,
    ability: Ability<A>,
    body: (use: A, bench: Bench<T>) => Promise<void>,
  ) => {
    if ('use' in ability)
      test(
        title,
        withStore((bench) => body(ability.use, bench)),
      );
  };

  test.each([
    ['changed', (store: T) => store.changeFile.bind(store)],
    ['removed', (store: T) => store.removeFile.bind(store)],
  ])('refuses stored bytes of which a file was %s, and names it', (_what, harm) =>
    Bench.with(kind, async (bench) => {
      const { at, modelPath } = await bench.model();
      await bench.open().put(at.model, at.digest, modelPath, NONE);
      await harm(bench.store)(at, 'deep/info.json');
      const destination = await bench.destination();
      await expect(bench.open().fetch(at.model, at.digest, destination)).rejects.toMatchObject({
        reasonCode: 'evidence-mismatch',
        decision: 'fail',
        message: expect.stringContaining('deep/info.json'),
      });
      expect(await readdir(destination)).toEqual([]);
    }),
  );

  test(
    'refuses a model that is not what its digest says, and stores nothing',
    withStore(async (bench) => {
      const { modelPath } = await bench.model();
      const other = 'b'.repeat(64);
      await expect(bench.open().put('m', other, modelPath, NONE)).rejects.toMatchObject({
        reasonCode: 'evidence-mismatch',
        message: expect.stringContaining(modelPath),
      });
      expect(await bench.open().has('m', other)).toBe(false);
    }),
  );

  test(
    'refuses a hostile description, whatever is wrong with it, and writes nothing',
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model();
      await bench.open().put(at.model, at.digest, modelPath, NONE);
      for (const [what, text] of HOSTILE) {
        await bench.store.describeAnew(at, text);
        const destination = await bench.destination();
        const end = await bench
          .open()
          .fetch(at.model, at.digest, destination)
          .catch((error: unknown) => error);
        expect({ what, end }).toEqual({
          what,
          end: expect.objectContaining({ reasonCode: 'evidence-mismatch', decision: 'fail' }),
        });
        expect(await readdir(destination)).toEqual([]);
      }
      expect((await readdir(bench.scratch)).filter((name) => name.includes('escaped'))).toEqual([]);
    }),
  );

  test(
    'refuses a name of a companion that leads elsewhere',
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model();
      const store = bench.open();
      const outside = new Map([['../escaped', { text: 'x' }]]);
      await expect(store.put(at.model, at.digest, modelPath, outside)).rejects.toThrow('../escaped');
      await store.put(at.model, at.digest, modelPath, NONE);
      for (const name of ['../escaped', 'entry.json', 'model', 'companions', '/etc/hostname'])
        await expect(store.companion(at.model, at.digest, { name })).rejects.toThrow(name);
      const elsewhere = { name: 'metrics.json', sha256: '../../escaped' };
      await expect(store.companion(at.model, at.digest, elsewhere)).rejects.toThrow(RangeError);
    }),
  );

  ifAble('refuses a huge description without reading it', kind.describeHugely, async (describe, bench) => {
    const { at, modelPath } = await bench.model();
    await bench.open().put(at.model, at.digest, modelPath, NONE);
    await describe(bench.store, at);
    const before = process.memoryUsage().rss;
    await expect(bench.open().fetch(at.model, at.digest, await bench.destination())).rejects.toMatchObject({
      reasonCode: 'evidence-mismatch',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  ifAble('says what to do when it may not write', kind.refuseWriting, async (refuse, bench) => {
    const { at, modelPath } = await bench.model();
    const store = bench.open(undefined, await refuse(bench.store));
    await expect(store.put(at.model, at.digest, modelPath, NONE)).rejects.toMatchObject({
      reasonCode: 'no-permission',
      message: expect.stringMatching(/\. (Give|Add|Set|Allow|Grant) /),
    });
  });

  ifAble('says what to do when it may not read', kind.refuseReading, async (refuse, bench) => {
    const { at, modelPath } = await bench.model();
    await bench.open().put(at.model, at.digest, modelPath, NONE);
    const store = bench.open(undefined, await refuse(bench.store));
    const refusal = {
      reasonCode: 'no-permission',
      message: expect.stringMatching(/\. (Give|Add|Set|Allow|Grant) /),
    };
    const destination = await bench.destination();
    await expect(store.fetch(at.model, at.digest, destination)).rejects.toMatchObject(refusal);
    await expect(store.has(at.model, at.digest)).rejects.toMatchObject(refusal);
  });

  ifAble('says what to do when there is no room, and stores nothing', kind.fill, async (room, bench) => {
    const modelPath = path.join(bench.scratch, 'large.bin');
    await writeFile(modelPath, Buffer.alloc(room.bytes, 'x'));
    const at = { model: 'm', digest: await digestOf(modelPath) };
    const { end } = putInProcess(bench.store, { ...at, modelPath }, { fileLimitKb: room.fileLimitKb });
    expect(await end).toEqual({
      error: { reasonCode: 'service-unavailable', message: expect.stringMatching(room.says) },
    });
    expect(await bench.open().has(at.model, at.digest)).toBe(false);
    expect(await bench.open().put(at.model, at.digest, modelPath, NONE)).toMatchObject({ created: true });
  });
}

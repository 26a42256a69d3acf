/* eslint-disable jest/no-export -- a suite that the test file of every store runs */
import { expect, test } from '@jest/globals';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { sha256 } from '@sluice/core/digest/files.ts';
import { putInProcess } from '@sluice/testing/store-process.ts';
import { Bench, digestOf, textOf, type StoreKind, type StoreUnderTest } from './harness.ts';

const NONE = new Map<string, never>();

/** Putting and getting back. */
export function basicTests<T extends StoreUnderTest>(kind: StoreKind<T>): void {
  const withStore = (body: (bench: Bench<T>) => Promise<void>) => () => Bench.with(kind, body);

  test(
    'gives back what was put, with what lies beside it',
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model();
      const { model, digest } = at;
      expect(await bench.open().has(model, digest)).toBe(false);
      const file = path.join(bench.scratch, 'predictions.csv');
      await writeFile(file, 'id,score\n1,0.5\n');
      const beside = new Map([
        ['metrics.json', { text: '{"auc":1}' }],
        ['predictions.csv', { path: file }],
      ]);
      const put = await bench.open().put(model, digest, modelPath, beside);
      expect(put).toMatchObject({ uri: expect.stringMatching(/^[a-z0-9]+:.+/), created: true });
      const store = bench.open();
      expect(store.uri.slice(0, store.uri.indexOf(':'))).toBe(kind.scheme);
      expect(await store.has(model, digest)).toBe(true);
      expect(await store.has('another', digest)).toBe(false);
      const destination = await bench.destination();
      const fetched = await store.fetch(model, digest, destination);
      expect(fetched.modelPath).toBe(path.join(destination, 'model'));
      expect(await digestOf(fetched.modelPath)).toBe(digest);
      expect((await readdir(fetched.modelPath)).sort()).toEqual(['deep', 'weights', 'zz-id']);
      const metrics = { name: 'metrics.json', sha256: sha256('{"auc":1}') };
      const predictions = { name: 'predictions.csv', sha256: sha256('id,score\n1,0.5\n') };
      expect(await textOf(await store.companion(model, digest, metrics))).toBe('{"auc":1}');
      expect(path.basename((await store.companion(model, digest, predictions)) ?? '')).toBe(
        'predictions.csv',
      );
      expect(await textOf(await store.companion(model, digest, predictions))).toContain('0.5');
      for (const absent of [
        { ...metrics, name: 'gate.json' },
        { ...metrics, sha256: predictions.sha256 },
      ])
        expect(await store.companion(model, digest, absent)).toBeUndefined();
    }),
  );

  test(
    'remembers whether the model was a file or a folder with one file',
    withStore(async (bench) => {
      const folder = path.join(bench.scratch, 'lonely');
      const file = path.join(folder, 'one file.bin');
      await mkdir(folder);
      await writeFile(file, 'bytes');
      const [ofFile, ofFolder] = [await digestOf(file), await digestOf(folder)];
      await bench.open().put('file', ofFile, file, NONE);
      await bench.open().put('folder', ofFolder, folder, NONE);
      const [a, b] = [await bench.destination(), await bench.destination()];
      const fetched = await bench.open().fetch('file', ofFile, a);
      expect(fetched.modelPath).toBe(path.join(a, 'model/one file.bin'));
      expect((await bench.open().fetch('folder', ofFolder, b)).modelPath).toBe(path.join(b, 'model'));
      expect(await textOf(fetched.modelPath)).toBe('bytes');
    }),
  );

  test(
    'keeps what each registration of the same bytes puts beside them, and the bytes as they were',
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model();
      const { model, digest } = at;
      const text = (run: number) => new Map([['metrics.json', { text: `{"run":${run}}` }]]);
      const first = await bench.open().put(model, digest, modelPath, text(1));
      const second = await bench.open().put(model, digest, modelPath, text(2));
      expect(second).toMatchObject({ uri: first.uri, created: false });
      const third = await bench.open().put(model, digest, modelPath, text(2));
      expect(third).toMatchObject({ created: false });
      for (const run of [1, 2]) {
        const id = { name: 'metrics.json', sha256: sha256(`{"run":${run}}`) };
        expect(await textOf(await bench.open().companion(model, digest, id))).toBe(`{"run":${run}}`);
      }
      const named = new Map([
        ['one.json', { text: 'same' }],
        ['two.json', { text: 'same' }],
      ]);
      await bench.open().put(model, digest, modelPath, named);
      for (const name of named.keys()) {
        const file = await bench.open().companion(model, digest, { name, sha256: sha256('same') });
        expect([path.basename(file ?? ''), await textOf(file)]).toEqual([name, 'same']);
      }
    }),
  );

  test(
    `has one entry when several put the same bytes at once, which ${kind.oneWinner ? 'exactly one' : 'at least one'} has created`,
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model();
      const { model, digest } = at;
      const here = Array.from({ length: 3 }, (_, run) =>
        bench.open().put(model, digest, modelPath, new Map([['metrics.json', { text: `{"run":${run}}` }]])),
      );
      const there = Array.from({ length: 2 }, () => putInProcess(bench.store, { ...at, modelPath }).end);
      const puts = [...(await Promise.all(here)), ...(await Promise.all(there))];
      const winners = puts.filter((put) => put !== undefined && 'created' in put && put.created);
      expect(puts).toEqual(puts.map(() => expect.objectContaining({ created: expect.any(Boolean) })));
      expect(winners.length).toBeGreaterThanOrEqual(1);
      expect(winners.length).toBeLessThanOrEqual(kind.oneWinner ? 1 : puts.length);
      const fetched = await bench.open().fetch(model, digest, await bench.destination());
      expect(await digestOf(fetched.modelPath)).toBe(digest);
      for (const run of [0, 1, 2]) {
        const id = { name: 'metrics.json', sha256: sha256(`{"run":${run}}`) };
        expect(await textOf(await bench.open().companion(model, digest, id))).toBe(`{"run":${run}}`);
      }
    }),
  );

  test(
    'says that a model is not there',
    withStore(async (bench) => {
      const store = bench.open();
      const digest = 'a'.repeat(64);
      expect(await store.has('m', digest)).toBe(false);
      expect(await store.companion('m', digest, { name: 'metrics.json', sha256: digest })).toBeUndefined();
      expect(await store.unnamed('m', digest)).toEqual([]);
      const destination = await bench.destination();
      await expect(store.fetch('m', digest, destination)).rejects.toMatchObject({
        reasonCode: 'missing-file',
        message: expect.stringContaining(digest),
      });
      expect(await readdir(destination)).toEqual([]);
    }),
  );

  test(
    'prints how much it moved, how long that took and how fast it was',
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model({ weights: Buffer.alloc(1_500_000, 'w') });
      await bench.open().put(at.model, at.digest, modelPath, NONE);
      expect(bench.lines).toEqual([
        expect.stringMatching(/^.{10,200}: 1\.5 MB in [\d.]+ s \([\d.]+ [kMG]?B\/s\)\.$/),
      ]);
      await bench.open().fetch(at.model, at.digest, await bench.destination());
      expect(bench.lines).toEqual([
        expect.any(String),
        expect.stringMatching(/^.{10,200}: 1\.5 MB in [\d.]+ s \([\d.]+ [kMG]?B\/s\)\.$/),
      ]);
    }),
  );
}

import * as path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { dataFolder, fileSet, writeParquet } from '@sluice/testing/data.ts';
import { readPredictions, type Predictions } from './predictions.ts';

async function read(name: string, content: string): Promise<Predictions> {
  const folder = await dataFolder({ [name]: content });
  return readPredictions((await fileSet(folder, name)).files);
}

describe('predictions', () => {
  it('are the same from Parquet, CSV and JSON Lines', async () => {
    const folder = await dataFolder({});
    const file = path.join(folder, 'p.parquet');
    await writeParquet(
      file,
      "SELECT * FROM (VALUES ('007', 1::BIGINT, 0.25::DOUBLE), ('008', 0, NULL)) t(id, label, score)",
    );
    const all = [
      await readPredictions((await fileSet(folder, 'p.parquet')).files),
      await read('p.csv', 'id,label,score\n007,1,0.25\n008,0,\n'),
      await read('p.jsonl', '{"id":"007","label":1,"score":0.25}\n{"id":"008","label":0.0,"score":null}\n'),
    ];
    for (const predictions of all) {
      expect(predictions.rows).toBe(2);
      expect(predictions.columns.get('id')?.texts()).toEqual(['007', '008']);
      expect(predictions.columns.get('label')?.numbers()).toEqual(Float64Array.of(1, 0));
      expect(predictions.columns.get('score')?.numbers()).toEqual(Float64Array.of(0.25, NaN));
    }
  });

  it('keep the digits of 64-bit ids', async () => {
    const folder = await dataFolder({});
    await writeParquet(path.join(folder, 'p.parquet'), 'SELECT 9007199254740993::BIGINT AS id');
    const { columns } = await readPredictions((await fileSet(folder, 'p.parquet')).files);
    expect(columns.get('id')?.texts()).toEqual(['9007199254740993']);
  });

  it('let NaN and infinity through and name the row of text that is no number', async () => {
    const good = await read('p.csv', 'score\nnan\n-inf\n1e-3\n');
    expect(good.columns.get('score')?.numbers()).toEqual(Float64Array.of(NaN, -Infinity, 0.001));
    const bad = await read('p.csv', 'score\n0.1\n0.2.3\n');
    expect(() => bad.columns.get('score')?.numbers()).toThrow(/'score' of p\.csv has a value in row 2/);
  });

  it.each([
    ['ragged lines', 'id,label\n1,0\n2\n', 'unreadable-data', /p\.csv:3 has 1 fields/],
    ['no rows', 'id,label\n', 'no-rows', /has no rows/],
  ])('are refused with %s', async (_name, content, reasonCode, message) => {
    await expect(read('p.csv', content)).rejects.toMatchObject({
      reasonCode,
      message: expect.stringMatching(message) as unknown,
    });
  });
});

import { describe, expect, test } from '@jest/globals';
import { readPredictions } from '../data/predictions.ts';
import { computeMetric } from '../gate/metrics/catalogue.ts';
import { dataFolder, fileSet } from '@sluice/testing/data.ts';
import { tellColumns } from './prediction-columns.ts';

async function load(
  csv: string,
  settings: Parameters<typeof tellColumns>[1] = { columns: {} },
): Promise<ReturnType<typeof tellColumns>> {
  const { files } = await fileSet(await dataFolder({ 'p.csv': csv }), 'p.csv');
  return tellColumns(await readPredictions(files), settings, 'the predictions');
}

describe('columns of predictions', () => {
  test('have their usual names, everything else is for slices', async () => {
    const { sample, ids, column } = await load(
      'id,label,prediction,score,carrier\na,0,1,0.5,AA\nb,1,1,0.9,\n',
    );
    expect([ids?.at(0), ids?.at(1), ids?.length]).toEqual(['a', 'b', 2]);
    expect(sample).toMatchObject({
      rows: 2,
      label: Float64Array.of(0, 1),
      prediction: Float64Array.of(1, 1),
      score: Float64Array.of(0.5, 0.9),
    });
    expect(column('carrier')).toEqual(['AA', null]);
    expect(column('plane')).toBeUndefined();
  });

  test('can be called otherwise', async () => {
    const columns = { id: 'flight', label: 'late', score: 'p' };
    const { sample, ids } = await load('flight,late,p\nx,0,0.1\n', { columns });
    expect([ids?.at(0), sample.label, sample.score]).toEqual(['x', Float64Array.of(0), Float64Array.of(0.1)]);
  });

  test('classes that are words stay words, and the positive one is named', async () => {
    const { sample } = await load('label,prediction\nspam,spam\nham,spam\n', {
      columns: {},
      positiveClass: 'spam',
    });
    expect(sample.label).toEqual(['spam', 'ham']);
    expect(computeMetric('precision', sample)).toEqual({ kind: 'value', value: 0.5 });
  });

  test('of two class scores the positive one counts', async () => {
    const { sample } = await load('label,score_0,score_1\n0,0.9,0.1\n1,0.2,0.8\n');
    expect(sample.score).toEqual(Float64Array.of(0.1, 0.8));
    expect(computeMetric('auc', sample)).toEqual({ kind: 'value', value: 1 });
  });

  test('more than two class scores make a log loss', async () => {
    const { sample } = await load('label,score_a,score_b,score_c\na,1,0,0\nb,0,0.5,0.5\n');
    const found = computeMetric('log-loss', sample);
    expect(found).toEqual({ kind: 'value', value: expect.closeTo(Math.LN2 / 2, 12) });
  });

  test('a missing label or id is an error that names the row', async () => {
    await expect(load('id,label\na,0\nb,\n')).rejects.toMatchObject({
      reasonCode: 'unreadable-data',
      message: expect.stringContaining("'label' has no value in row 2"),
    });
    await expect(load('id,label\n,0\n')).rejects.toMatchObject({ reasonCode: 'unreadable-data' });
  });

  test('a missing score is not a number, and its metric an error', async () => {
    const { sample } = await load('label,score\n0,0.1\n1,\n');
    expect(computeMetric('auc', sample)).toMatchObject({ kind: 'problem', reason: 'not-a-number' });
  });
});

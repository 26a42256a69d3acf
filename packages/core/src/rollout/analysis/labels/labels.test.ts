import { expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { dataFolder, fileSet, writeParquet } from '@sluice/testing/data.ts';
import { readPredictions } from '../../../data/predictions.ts';
import { labelRules, labelsIn, readRecorded } from './labels.ts';
import type { LabelsConfig } from './schema.ts';

const section = (more: Partial<LabelsConfig> = {}, folder = '/') => ({
  value: { predictions: 'predictions.jsonl', file: 'labels.csv', accuracy: { min: 0.9 }, ...more },
  name: 'labels',
  folder,
});
const NAMES = { id: 'id', label: 'label' };

test('rules of what the predictions have to be like', () => {
  const accuracy = { min: 0.9, 'max-decrease': '2%' };
  expect(labelRules(section({ accuracy, 'min-samples': 7 }))).toMatchObject([
    { id: 'labels.accuracy', kind: 'proportion', limit: { bound: 'min', value: 0.9 }, minSamples: 7 },
    { id: 'labels.accuracy-decrease', limit: { bound: 'max-decrease', value: 0.02, relative: true } },
  ]);
  expect(() => labelRules(section({ accuracy: {} }))).toThrow('Add min, such as accuracy: {min: 0.9}');
});

test.each(['csv', 'jsonl', 'parquet'])('labels of a %s file, as far as they have come', async (format) => {
  const folder = await dataFolder({
    'labels.csv': 'label,id,more\nlate,7,x\n,8,y\nin time,9,z\nlate,7,x\n',
    'labels.jsonl': '{"id": 7, "label": "late"}\n{"id": 8, "label": null}\n{"id": 9, "label": "in time"}\n',
  });
  await writeParquet(
    path.join(folder, 'labels.parquet'),
    "SELECT * FROM (VALUES (7, 'late'), (8, NULL), (9, 'in time')) t(id, label)",
  );
  const { files } = await fileSet(folder, `labels.${format}`);
  expect(labelsIn(await readPredictions(files), NAMES, 'labels')).toEqual(
    new Map([
      ['7', 'late'],
      ['9', 'in time'],
    ]),
  );
});

test('two labels of one request, and columns that are not there, are refused', async () => {
  const folder = await dataFolder({ 'labels.csv': 'id,label\n7,late\n7,in time\n' });
  const table = await readPredictions((await fileSet(folder, 'labels.csv')).files);
  expect(() => labelsIn(table, NAMES, 'labels.csv')).toThrow(
    "labels.csv has two labels of id '7': 'late' and 'in time'. Keep the one that is right.",
  );
  expect(() => labelsIn(table, { id: 'id', label: 'truth' }, 'labels.csv')).toThrow(
    "labels.csv has no column 'truth'. Write the column's name to the key label of labels",
  );
});

test('of what was recorded the first of a request and a version counts', async () => {
  const line = (id: string, version: string, prediction: unknown): string =>
    `${JSON.stringify({ id, version, prediction })}\n`;
  const text = line('a', 'v2.0.0', 1) + line('a', 'v1.0.0', 2) + line('a', 'v2.0.0', 3);
  const folder = await dataFolder({ 'predictions.jsonl': text });
  await expect(readRecorded(section({}, folder), { workspace: folder })).resolves.toEqual([
    { id: 'a', version: 'v2.0.0', prediction: 1 },
    { id: 'a', version: 'v1.0.0', prediction: 2 },
  ]);
  await writeFile(path.join(folder, 'predictions.jsonl'), '{"id": 1}\n');
  await expect(readRecorded(section({}, folder), { workspace: folder })).rejects.toThrow(
    'predictions.jsonl:1 is no recorded prediction.',
  );
});

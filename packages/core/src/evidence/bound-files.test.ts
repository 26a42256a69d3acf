import { expect, test } from '@jest/globals';
import { boundFiles, checkFile } from './bound-files.ts';
import { provenanceStatement, testResultStatement, type Resource, type Statement } from './statement.ts';

const hex = (digit: string): string => digit.repeat(64);
const MODEL = { name: 'm', digest: hex('a') };

const gate = (
  model: { name: string; digest: string },
  left: string,
  read: readonly Resource[] = [],
): Statement =>
  testResultStatement(
    [
      { name: `model:${model.name}`, sha256: model.digest },
      { name: 'gate.json', sha256: left },
      { name: 'predictions.csv', sha256: left },
    ],
    { result: 'PASSED', configuration: [...read] },
  );
const training = (model: string, made: string): Statement =>
  provenanceStatement([{ name: 'model:m', sha256: model }], {
    buildDefinition: { buildType: 'b', externalParameters: {}, resolvedDependencies: [] },
    runDetails: { builder: { id: 'b' }, byproducts: [{ name: 'metrics.json', digest: { sha256: made } }] },
  });

test('numbers are bound by the gates and the training of exactly this model', () => {
  const read = [
    { name: 'metrics', digest: { sha256: hex('2') } },
    { name: 'predictions', digest: { sha256: hex('3') } },
    { name: 'data/test.csv', digest: { sha256: hex('4') } },
  ];
  const statements = [
    gate(MODEL, hex('1'), read),
    training(MODEL.digest, hex('5')),
    gate({ name: 'other', digest: MODEL.digest }, hex('6')),
    gate({ name: 'm', digest: hex('b') }, hex('7')),
    training(hex('b'), hex('8')),
  ];
  expect(boundFiles(statements, MODEL)).toEqual({
    record: new Set([hex('1')]),
    predictions: new Set([hex('1'), hex('3'), hex('5')]),
    metrics: new Set([hex('2'), hex('5')]),
  });
});

test('a file counts only with a digest that was named', () => {
  expect(checkFile('It', hex('1'), new Set([hex('1'), hex('2')]))).toBeUndefined();
  expect(checkFile('It', hex('3'), new Set([hex('1')]))?.message).toContain(
    `sha256:${hex('1')} was vouched for`,
  );
  expect(checkFile('It', hex('3'), new Set())?.message).toContain('vouched for by nothing');
});

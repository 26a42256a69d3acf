import { expect, test } from '@jest/globals';
import { provenanceStatement, testResultStatement, type Statement } from '../../evidence/statement.ts';
import { fitTags } from '../../mlflow/limits.ts';
import { runContent } from './run-content.ts';

const CIRCUMSTANCES = { commit: 'c'.repeat(40), actor: 'ada', runUrl: undefined, env: {} };
const TEST_SET = { name: 'data/test.csv', digest: { sha256: 'a'.repeat(64) } };
const MODEL = { name: 'model:m', sha256: 'b'.repeat(64) };

const trainedOn = (...resolvedDependencies: (typeof TEST_SET)[]): Statement =>
  provenanceStatement([MODEL], {
    buildDefinition: { buildType: 'x', externalParameters: {}, internalParameters: {}, resolvedDependencies },
    runDetails: { builder: { id: 'x' } },
  });
const judgedOn = (...configuration: (typeof TEST_SET)[]): Statement =>
  testResultStatement([MODEL], { result: 'PASSED', configuration });

test('a test set that the training recorded too is one tag, which MLflow takes, and data of both', () => {
  const { tags, inputs } = runContent([trainedOn(TEST_SET), judgedOn(TEST_SET)], CIRCUMSTANCES);
  expect(tags.filter(({ key }) => key.startsWith('sluice.data.'))).toEqual([
    { key: 'sluice.data.data/test.csv', value: 'a'.repeat(64) },
  ]);
  expect(fitTags(tags).notes).toEqual([]);
  expect(inputs.map(({ context }) => context)).toEqual(['training', 'evaluation']);
});

test('two contents of one name are told apart, so that somebody hears of it', () => {
  const other = { name: TEST_SET.name, digest: { sha256: 'd'.repeat(64) } };
  const { tags } = runContent([trainedOn(TEST_SET), judgedOn(other)], CIRCUMSTANCES);
  expect(fitTags(tags).notes).toEqual([expect.stringContaining("'sluice.data.data/test.csv' was left out")]);
});

import { expect, test } from '@jest/globals';
import { makingOf } from './making.ts';
import { provenanceStatement, type Resource } from './statement.ts';

const SHA = 'a'.repeat(64);

test('data from elsewhere goes by its address and version, data of the checkout by its path', () => {
  const data = (name: string, more: object): Resource => ({ name, digest: { sha256: SHA }, ...more });
  const statement = provenanceStatement([{ name: 'model:m', sha256: SHA }], {
    buildDefinition: {
      buildType: 'https://example.com/train',
      externalParameters: {},
      resolvedDependencies: [
        data('train.csv', { annotations: { role: 'data' } }),
        data('.sluice/data/b/a b', {
          uri: 's3://b/a%20b',
          annotations: { role: 'data', 'version-id': 'x+/=' },
        }),
        data('.sluice/data/b/c', { uri: 's3://b/c', annotations: { role: 'data' } }),
        data('checkout', { uri: 'git+https://example.com/o/r' }),
      ],
    },
    runDetails: { builder: { id: 'test' } },
  });
  expect(makingOf([statement], SHA)?.data).toEqual({
    'train.csv': `sha256:${SHA}`,
    's3://b/a%20b?versionId=x%2B%2F%3D': `sha256:${SHA}`,
    's3://b/c': `sha256:${SHA}`,
  });
});

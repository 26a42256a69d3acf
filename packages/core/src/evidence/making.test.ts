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

test('data of a pipeline goes by the digests of DVC, without code and what stages made of it', () => {
  const locked = (name: string, role: string, digest: Record<string, string>): Resource => ({
    name,
    digest,
    annotations: { role, stage: 's' },
  });
  const md5 = 'b'.repeat(32);
  const statement = provenanceStatement([{ name: 'model:m', sha256: SHA }], {
    buildDefinition: {
      buildType: 'https://example.com/train',
      externalParameters: {},
      resolvedDependencies: [
        locked('raw.csv', 'dvc-dependency', { md5 }),
        locked('images', 'dvc-dependency', { dvcDirMd5: md5 }),
        locked('old.csv', 'dvc-dependency', { dvcMd5Dos2unix: md5 }),
        locked('fit.py', 'dvc-dependency', { md5 }),
        locked('prepared.csv', 'dvc-dependency', { md5 }),
        locked('prepared.csv', 'dvc-output', { md5 }),
        locked('both.csv', 'dvc-dependency', { md5 }),
        { name: 'both.csv', digest: { sha256: SHA }, annotations: { role: 'data' } },
        { name: 's3://b/k', annotations: { role: 'dvc-dependency', stage: 's', 'version-id': 'v' } },
      ],
    },
    runDetails: { builder: { id: 'test' } },
  });
  expect(makingOf([statement], SHA)?.data).toEqual({
    'raw.csv': `md5:${md5}`,
    images: `md5:${md5}.dir`,
    'old.csv': `md5-dos2unix:${md5}`,
    'both.csv': `sha256:${SHA}`,
    's3://b/k': 'version:v',
  });
});

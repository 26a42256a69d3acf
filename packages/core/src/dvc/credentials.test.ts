import { describe, expect, it } from '@jest/globals';
import { dvcEnvironment, importEnvironment, s3Environment } from './credentials.ts';
import type { Remote } from './project.ts';

const remote = (url: string, settings: Record<string, string> = {}): Remote => ({
  name: 'store',
  url,
  settings: new Map(Object.entries({ url, ...settings })),
});
const AWS = {
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
  AWS_PROFILE: 'p',
};
const ENV = {
  PATH: '/bin',
  ...AWS,
  GOOGLE_APPLICATION_CREDENTIALS: '/key.json',
  AZURE_STORAGE_KEY: 'k',
  MLFLOW_TRACKING_TOKEN: 't',
  GITHUB_TOKEN: 'g',
  'INPUT_GITHUB-TOKEN': 'g',
};

describe('a remote in S3', () => {
  it('is read with the job at AWS, and where the job says that its server is', () => {
    expect(s3Environment(remote('s3://b'), ENV)).toEqual(ENV);
    expect(s3Environment(remote('s3://b', { region: 'eu-west-1' }), ENV)).toEqual({
      ...ENV,
      AWS_REGION: 'eu-west-1',
    });
    const elsewhere = remote('s3://b', { endpointurl: 'https://s3.corp.example/' });
    for (const variable of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', 'SLUICE_TRUSTED_ORIGINS']) {
      const env = { ...ENV, [variable]: 'https://s3.corp.example' };
      expect(s3Environment(elsewhere, env)).toEqual({
        ...env,
        AWS_ENDPOINT_URL_S3: 'https://s3.corp.example/',
      });
    }
  });

  it('gets nothing of the job at a server that only .dvc/config names', () => {
    const elsewhere = { endpointurl: 'http://user:hidden@evil.example:9000' };
    for (const env of [{}, ENV, { ...ENV, AWS_ENDPOINT_URL: 'https://s3.corp.example' }]) {
      expect(() => s3Environment(remote('s3://b', elsewhere), env)).toThrow(
        /^endpointurl of the DVC remote 'store' is 'http:\/\/evil\.example:9000'.*AWS_ENDPOINT_URL_S3 \(or SLUICE_TRUSTED_ORIGINS\)/,
      );
      expect(() => s3Environment(remote('s3://b', { ...elsewhere, access_key_id: 'own' }), env)).toThrow(
        'not sent there',
      );
    }
    const own = { ...elsewhere, access_key_id: 'own', secret_access_key: 'own secret' };
    expect(s3Environment(remote('s3://b', own), { ...AWS, PATH: '/bin', AWS_CA_BUNDLE: '/ca.pem' })).toEqual({
      PATH: '/bin',
      AWS_CA_BUNDLE: '/ca.pem',
      AWS_ENDPOINT_URL_S3: elsewhere.endpointurl,
      AWS_ACCESS_KEY_ID: 'own',
      AWS_SECRET_ACCESS_KEY: 'own secret',
    });
  });

  it('has a region that cannot become another host', () => {
    expect(() => s3Environment(remote('s3://b', { region: 'x.evil.example/' }), ENV)).toThrow(/eu-central-1/);
  });
});

describe('dvc pull', () => {
  it.each([
    ['gs://b', { GOOGLE_APPLICATION_CREDENTIALS: '/key.json' }],
    ['azure://c', { AZURE_STORAGE_KEY: 'k' }],
    ['s3://b', AWS],
    ['ssh://h/x', {}],
    ['https://h/x', {}],
    ['webdavs://h/x', {}],
    ['other://h/x', {}],
  ])('from %s has %j and the machine', (url, more) => {
    expect(dvcEnvironment(remote(url), ENV)).toEqual({ PATH: '/bin', ...more });
  });

  it.each([
    ['webdavs://h/x', { bearer_token_command: 'evil' }],
    ['gs://b', { endpointurl: 'https://evil.example' }],
    ['oss://b', { oss_endpoint: 'https://evil.example' }],
    ['azure://c', { account_name: 'evil' }],
  ] as [string, Record<string, string>][])('from %s with %j is refused', (url, settings) => {
    expect(() => dvcEnvironment(remote(url, settings), ENV)).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config' }),
    );
  });

  it('of imported data signs in nowhere, unless the workflow trusts the server of that repository', () => {
    const repository = 'https://git.corp.example/acme/data';
    expect(importEnvironment(repository, ENV)).toEqual({ PATH: '/bin' });
    expect(importEnvironment('git@git.corp.example:acme/data', ENV)).toEqual({ PATH: '/bin' });
    expect(
      importEnvironment(repository, { ...ENV, SLUICE_TRUSTED_ORIGINS: 'https://git.corp.example' }),
    ).toEqual({
      PATH: '/bin',
      ...AWS,
      GOOGLE_APPLICATION_CREDENTIALS: '/key.json',
      AZURE_STORAGE_KEY: 'k',
    });
  });
});

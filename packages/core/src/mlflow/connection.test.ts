import { describe, expect, test } from '@jest/globals';
import { readConnection } from './connection.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('how MLflow is reached', () => {
  test('the address in the file wins over the variable', () => {
    const env = { MLFLOW_TRACKING_URI: 'http://env:5000' };
    expect(readConnection('https://file.example.com/mlflow/', env).base).toBe(
      'https://file.example.com/mlflow',
    );
    expect(readConnection(undefined, env).base).toBe('http://env:5000');
  });

  test.each([
    [{ MLFLOW_TRACKING_TOKEN: 't' }, 'Bearer t'],
    [{ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'p' }, basic('ada:p')],
    [
      { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'p', MLFLOW_TRACKING_TOKEN: 't' },
      basic('ada:p'),
    ],
    [{ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_TOKEN: 't' }, 'Bearer t'],
  ])('%j signs in as %s', (env, authorization) => {
    const named = { ...env, MLFLOW_TRACKING_URI: 'https://m:5000/path' };
    expect(readConnection(undefined, named).headers).toEqual({ authorization });
    expect(readConnection('https://m:5000', named).headers).toEqual({ authorization });
  });

  test('a name and password in the address are used, and stay out of every message', () => {
    const { uri, headers } = readConnection('https://ada:s3cret%21@mlflow.example.com/x', {});
    expect(uri).toBe('https://mlflow.example.com/x');
    expect(headers).toEqual({ authorization: basic('ada:s3cret!') });
  });

  test('headers for a proxy, one a line', () => {
    const env = { SLUICE_MLFLOW_HEADERS: 'CF-Access-Client-Id: abc\n\n  X-Team: risk and fraud \n' };
    expect(readConnection(undefined, { ...env, MLFLOW_TRACKING_URI: 'https://m' }).headers).toEqual({
      'cf-access-client-id': 'abc',
      'x-team': 'risk and fraud',
    });
  });

  test('Databricks needs host and token', () => {
    const env = { DATABRICKS_HOST: 'adb-1.azuredatabricks.net', DATABRICKS_TOKEN: 'dapi' };
    expect(readConnection('databricks', env)).toMatchObject({
      base: 'https://adb-1.azuredatabricks.net',
      headers: { authorization: 'Bearer dapi' },
    });
  });

  test.each([
    [undefined, {}, /registry\.tracking-uri.*MLFLOW_TRACKING_URI/],
    ['file:///srv/mlruns', {}, /'file:\/\/\/srv\/mlruns'.*mlflow server/],
    ['sqlite:///m.db', {}, /mlflow server/],
    ['databricks', { DATABRICKS_HOST: 'h' }, /DATABRICKS_TOKEN is not set/],
    ['databricks-uc', {}, /Unity Catalog/],
    [
      undefined,
      { MLFLOW_TRACKING_URI: 'http://m', SLUICE_MLFLOW_HEADERS: 'no header' },
      /Line 1.*Name: value/,
    ],
    [
      undefined,
      { MLFLOW_TRACKING_URI: 'http://m', SLUICE_MLFLOW_HEADERS: 'a: b\r\nevil: x\u0001' },
      /Line 2/,
    ],
    [
      'http://m',
      { MLFLOW_TRACKING_SERVER_CERT_PATH: '/nowhere.pem' },
      /MLFLOW_TRACKING_SERVER_CERT_PATH.*PEM/,
    ],
  ])('%s with %j is refused', (uri, env, says) => {
    expect(() => readConnection(uri, env)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(says) }),
    );
  });

  const SECRETS = {
    MLFLOW_TRACKING_TOKEN: 't',
    MLFLOW_TRACKING_CLIENT_CERT_PATH: '/nowhere.pem',
    SLUICE_MLFLOW_HEADERS: 'x-proxy: secret',
  };

  test.each<[string, Record<string, string>]>([
    ['https://evil.example', {}],
    ['https://evil.example', { MLFLOW_TRACKING_URI: 'https://mlflow.corp.example' }],
    ['http://mlflow.corp.example', { MLFLOW_TRACKING_URI: 'https://mlflow.corp.example' }],
    ['https://mlflow.corp.example:8443', { MLFLOW_TRACKING_URI: 'https://mlflow.corp.example' }],
    ['https://mlflow.corp.example.evil.example', { SLUICE_TRUSTED_ORIGINS: 'https://mlflow.corp.example' }],
    ['https://evil.example', { MLFLOW_TRACKING_URI: 'databricks', DATABRICKS_HOST: 'https://evil.example' }],
  ])('a file that names %s gets no secret with %j', (uri, env) => {
    expect(() => readConnection(uri, { ...SECRETS, ...env })).toThrow(
      /MLFLOW_TRACKING_TOKEN and MLFLOW_TRACKING_CLIENT_CERT_PATH and SLUICE_MLFLOW_HEADERS.*not sent there.*set MLFLOW_TRACKING_URI \(or SLUICE_TRUSTED_ORIGINS\)/,
    );
    expect(readConnection(uri, env)).toMatchObject({ headers: {}, tls: {} });
    // A login in the file is the file's own, and goes alone.
    const { headers, tls } = readConnection(uri.replace('://', '://u:p@').replace('http:', 'https:'), {
      ...SECRETS,
      ...env,
      MLFLOW_TRACKING_URI: 'https://other',
    });
    expect([headers, tls]).toEqual([{ authorization: basic('u:p') }, {}]);
  });

  test('the workflow may name more origins', () => {
    const env = {
      MLFLOW_TRACKING_TOKEN: 't',
      SLUICE_TRUSTED_ORIGINS: 'https://a.example\nhttps://b.example:8443/x',
    };
    for (const uri of ['https://a.example/mlflow', 'https://b.example:8443']) {
      expect(readConnection(uri, env).headers).toEqual({ authorization: 'Bearer t' });
    }
  });

  test.each<[string | undefined, Record<string, string>]>([
    [undefined, { MLFLOW_TRACKING_URI: 'http://mlflow:5000', MLFLOW_TRACKING_TOKEN: 't' }],
    [undefined, { MLFLOW_TRACKING_URI: 'http://127.0.0.1.evil.example', SLUICE_MLFLOW_HEADERS: 'a: b' }],
    ['http://ada:secret@mlflow', {}],
    ['databricks', { DATABRICKS_HOST: 'http://adb', DATABRICKS_TOKEN: 't' }],
  ])('%s with %j sends no secret over plain http', (uri, env) => {
    expect(() => readConnection(uri, env)).toThrow(/Use https/);
  });

  test.each(['http://127.0.0.1:5000', 'http://localhost:5000', 'http://[::1]:5000'])(
    '%s is this machine',
    (uri) => {
      const env = { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: 't' };
      expect(readConnection(undefined, env).headers).toEqual({ authorization: 'Bearer t' });
    },
  );
});

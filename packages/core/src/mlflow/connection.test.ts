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
    expect(readConnection('http://m:5000', env).headers).toEqual({ authorization });
  });

  test('a name and password in the address are used, and stay out of every message', () => {
    const { uri, headers } = readConnection('https://ada:s3cret%21@mlflow.example.com/x', {});
    expect(uri).toBe('https://mlflow.example.com/x');
    expect(headers).toEqual({ authorization: basic('ada:s3cret!') });
  });

  test('headers for a proxy, one a line', () => {
    const env = { SLUICE_MLFLOW_HEADERS: 'CF-Access-Client-Id: abc\n\n  X-Team: risk and fraud \n' };
    expect(readConnection('http://m', env).headers).toEqual({
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
    ['http://m', { SLUICE_MLFLOW_HEADERS: 'no header' }, /Line 1.*Name: value/],
    ['http://m', { SLUICE_MLFLOW_HEADERS: 'a: b\r\nevil: x\u0001' }, /Line 2/],
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
});

import { describe, expect, test } from '@jest/globals';
import { isUploadAddress, requireUploadAddress } from './upload-address.ts';

const SERVER = 'https://mlflow.example.com/tracking';
const allowed = (address: string, env: NodeJS.ProcessEnv = {}): boolean =>
  isUploadAddress(address, SERVER, env);

describe('an address for uploads that MLflow chose', () => {
  test.each([
    'https://bucket.s3.amazonaws.com/k?X-Amz-Signature=1',
    'https://bucket.s3.eu-central-1.amazonaws.com/k',
    'https://s3.dualstack.eu-central-1.amazonaws.com/bucket/k',
    'https://bucket.s3-accelerate.amazonaws.com/k',
    'https://bucket.s3.cn-north-1.amazonaws.com.cn/k',
    'https://storage.googleapis.com/bucket/k',
    'https://account.blob.core.windows.net/c/k',
    'https://id.r2.cloudflarestorage.com/b/k',
    'https://mlflow.example.com/any/path',
  ])('may be %s', (address) => {
    expect(allowed(address)).toBe(true);
  });

  test.each([
    'http://bucket.s3.amazonaws.com/k',
    'https://bucket.s3.amazonaws.com:8443/k',
    'https://bucket.s3.amazonaws.com.evil.com/k',
    'https://evils3.amazonaws.com/k',
    'https://ec2.eu-central-1.amazonaws.com/k',
    'https://user:password@bucket.s3.amazonaws.com/k',
    'https://169.254.169.254/latest/api/token',
    'http://127.0.0.1:8080/admin',
    'http://mlflow.example.com/any/path',
    'https://mlflow.example.com:8443/any/path',
    'file:///etc/passwd',
    'ftp://bucket.s3.amazonaws.com/k',
    '',
  ])('is refused when it is %s', (address) => {
    expect(allowed(address)).toBe(false);
  });

  test('may be a server that the environment names', () => {
    const address = 'http://minio.corp:9000/bucket/k';
    expect(allowed(address)).toBe(false);
    for (const name of [
      'MLFLOW_S3_ENDPOINT_URL',
      'AWS_ENDPOINT_URL_S3',
      'AWS_ENDPOINT_URL',
      'SLUICE_TRUSTED_ORIGINS',
    ])
      expect(allowed(address, { [name]: 'http://minio.corp:9000' })).toBe(true);
    expect(allowed(address, { AWS_ENDPOINT_URL: 'http://minio.corp:9001' })).toBe(false);
  });

  test('is named by its origin alone when it is refused, because it is a secret', () => {
    const put = { url: 'http://10.0.0.1/k?signature=SECRET', headers: {} };
    const refused = (): void => requireUploadAddress(put, () => false, SERVER);
    expect(refused).toThrow('wants a file of the model sent to http://10.0.0.1, which is neither');
    expect(refused).not.toThrow('SECRET');
  });

  test('may ask for the headers that storages sign, and for no others', () => {
    const put = (headers: Record<string, string>) => (): void =>
      requireUploadAddress({ url: 'https://s3.amazonaws.com/b/k', headers }, () => true, SERVER);
    expect(put({ 'X-Ms-Blob-Type': 'BlockBlob', 'content-type': 'text/plain' })).not.toThrow();
    for (const name of [
      'Authorization',
      'Host',
      'Cookie',
      'X-aws-ec2-metadata-token-ttl-seconds',
      'Metadata',
      'Transfer-Encoding',
      'x-amz-copy-source',
    ])
      expect(put({ [name]: '1' })).toThrow(`wants the header "${name}" sent to https://s3.amazonaws.com`);
  });
});

import { expect, it } from '@jest/globals';
import { inert } from './log.ts';
import {
  argumentsWithoutSecrets,
  documentWithoutSecrets,
  rememberSecrets,
  withoutSecrets,
} from './secrets.ts';

it.each([
  'GITHUB_TOKEN',
  'INPUT_GITHUB-TOKEN',
  'MY_SECRET',
  'DB_PASSWORD',
  'OPENAI_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AZURE_STORAGE_CONNECTION_STRING',
  'db_pwd',
])('the value of %s is hidden', (name) => {
  const value = `Val-${name}-1`;
  rememberSecrets({ [name]: value });
  expect(withoutSecrets(`a${value}b ${value}`)).toBe('a***b ***');
  expect(inert(`x ${value}`)).toBe('x ***');
  expect(documentWithoutSecrets({ a: [value, 1, null, { b: `-${value}` }], c: true })).toEqual({
    a: ['***', 1, null, { b: '-***' }],
    c: true,
  });
});

it.each([
  ['SORT_KEY', 'customer_id'],
  ['AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE12'],
  ['PWD', '/home/runner/work'],
  ['SSH_PRIVATE_KEY', '/home/runner/.ssh/id'],
  ['DB_PASSWORD', 'postgres'],
  ['A_TOKEN', '12345678'],
  ['B_TOKEN', 'short-1'],
  ['TOKENIZER', 'bert-base-uncased'],
  ['C_TOKEN', ''],
])('%s=%s is found too often to be hidden, or no secret', (name, value) => {
  rememberSecrets({ [name]: value });
  expect(withoutSecrets(`column ${value}!`)).toBe(`column ${value}!`);
});

it('hides each line of a key', () => {
  rememberSecrets({ SIGNING_KEY: '-----BEGIN KEY-----\nMIIabc123def\n-----END KEY-----' });
  expect(withoutSecrets('line MIIabc123def')).toBe('line ***');
});

it.each([
  ['GET https://user:pass@h/x failed', 'GET https://***@h/x failed'],
  ['https://t0ken@h and http://a:b@c', 'https://***@h and http://***@c'],
  ['ssh://git:pw@h/x, ssh://git@h/x', 'ssh://git:***@h/x, ssh://git@h/x'],
  ['https://h/x?a=b@c http://[::1]:80/a@b', 'https://h/x?a=b@c http://[::1]:80/a@b'],
])('no login is shown of %s', (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});

it('takes no longer for a longer text', () => {
  expect(withoutSecrets('http://'.repeat(200_000))).toHaveLength(1_400_000);
  expect(withoutSecrets(`://${'a'.repeat(1_000_000)}`)).toHaveLength(1_000_003);
});

it.each([
  ['train.py --api-key S3CR3TARG --lr 0.1', 'train.py --api-key *** --lr 0.1'],
  ['train.py --password=x -token y', 'train.py --password=*** -token ***'],
  ['env HF_TOKEN=x python t.py --token --quiet', 'env HF_TOKEN=*** python t.py --token --quiet'],
  [
    't.py --tokenizer bert key=1 --data https://u:p@h/x',
    't.py --tokenizer bert key=1 --data https://***@h/x',
  ],
])('%s is recorded without values of secrets', (given, recorded) => {
  expect(argumentsWithoutSecrets(given.split(' ')).join(' ')).toBe(recorded);
});

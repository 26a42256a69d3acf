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

it.each([
  ['DB_PASSWORD', 'postgres'],
  ['A_TOKEN', '12345678'],
  ['B_TOKEN', 'ab1!'],
  ['SIGNING_KEY', '/home/ada/key'],
])(
  'an argument that is the value of %s, %s, is recorded without it, and others that hold it are not changed',
  (name, value) => {
    rememberSecrets({ [name]: value });
    const given = ['t.py', value, `--db=${value}`, `login=${value}`, `x${value}x`];
    expect(argumentsWithoutSecrets(given)).toEqual(['t.py', '***', '--db=***', 'login=***', `x${value}x`]);
  },
);

it('an argument that is a setting is recorded, whatever variable has the same value', () => {
  rememberSecrets({ A_TOKEN: '10', B_TOKEN: '' });
  expect(argumentsWithoutSecrets(['t.py', '10', '--lr=10', ''])).toEqual(['t.py', '10', '--lr=10', '']);
});

const letters = (count: number): string => 'aB3'.repeat(count).slice(0, count);

it.each([
  `ghp_${letters(36)}`,
  `github_pat_${letters(22)}_${letters(59)}`,
  `glpat-${letters(20)}`,
  `hf_${'abcDE'.repeat(7)}`,
  `sk-${letters(48)}`,
  `sk-ant-api03-${letters(80)}-AA`,
  `xoxb-1234567890-${letters(24)}`,
  `AIza${letters(35)}`,
  `dapi${'0123456789abcdef'.repeat(2)}`,
  `npm_${letters(36)}`,
  `eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0abc.${letters(43)}`,
])('%s is known for a token by how it is written', (token) => {
  expect(argumentsWithoutSecrets(['t.py', token, `--x=${token}`])).toEqual(['t.py', '***', '--x=***']);
  expect(withoutSecrets(`with ${token}, once`)).toBe('with ***, once');
});

it.each([
  'task-of-the-whole-team-here',
  'sk-learn-gradient-boosting-with-all-features-v1',
  'pypi-upload-of-the-artifacts',
  'risk-adjusted-return-on-capital',
  'hf_home',
  'ghp_x',
  'eyJ.eyJ.',
])('%s is no token', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});

it('takes no longer for what nearly is a token', () => {
  for (const part of ['eyJa', 'eyJa.', '-eyJ', 'ghp-', 'sk-']) {
    const text = part.repeat(200_000);
    expect(withoutSecrets(text) === text).toBe(true);
  }
});

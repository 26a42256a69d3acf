import { expect, test } from '@jest/globals';
import { refuseTokenOverHttp } from './trusted-origins.ts';

const refuse =
  (address: string, env: NodeJS.ProcessEnv = {}) =>
  (): void =>
    refuseTokenOverHttp(new URL(address), 'The git remote', env);

test.each([
  'https://forge.example/x.git',
  'http://127.0.0.1:3000/x',
  'http://localhost/x',
  'http://[::1]:80/',
])('the token may go to %s', (address) => {
  expect(refuse(address)).not.toThrow();
});

test('over plain http it goes to another machine only where the environment names that', () => {
  expect(refuse('http://gitea:3000/acme/x.git')).toThrow(
    expect.objectContaining({
      reasonCode: 'bad-config',
      message: expect.stringMatching(
        /^The git remote is http:\/\/gitea:3000, .* Use https; or, .* set SLUICE_TRUSTED_ORIGINS to http:\/\/gitea:3000 /,
      ) as unknown,
    }),
  );
  expect(refuse('http://gitea:3000/x', { SLUICE_TRUSTED_ORIGINS: 'http://gitea:3000' })).not.toThrow();
  expect(refuse('http://gitea:3001/x', { SLUICE_TRUSTED_ORIGINS: 'http://gitea:3000' })).toThrow(/Use https/);
});

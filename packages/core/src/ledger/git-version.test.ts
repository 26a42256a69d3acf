import { expect, test } from '@jest/globals';
import { requireGit } from './git-version.ts';

test.each([
  'git version 2.31.0',
  'git version 2.39.5 (Apple Git-154)',
  'git version 2.47.1.windows.2',
  'git version 3.0.0',
  'what?',
])('%s is taken', (answer) => {
  expect(() => requireGit(answer)).not.toThrow();
});

test.each([
  ['git version 2.30.9', '2.30.9'],
  ['git version 1.8.3.1', '1.8.3.1'],
])('%s is refused by name, with what is needed', (answer, version) => {
  expect(() => requireGit(answer)).toThrow(
    expect.objectContaining({
      reasonCode: 'missing-file',
      message: expect.stringContaining(
        `git on this runner is ${version}, and at least 2.31 is needed`,
      ) as unknown,
    }),
  );
});

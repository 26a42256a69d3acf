import { expect, test } from '@jest/globals';
import { signerProblem, type Expected, type Signer } from './identity.ts';
import { hasIdentities } from './server.ts';

const REPOSITORY = 'https://github.com/acme/flights';
const PIPELINE = `${REPOSITORY}/.github/workflows/pipeline.yml`;
const SIGNER: Signer = {
  issuer: 'https://token.actions.githubusercontent.com',
  repository: REPOSITORY,
  workflow: `${PIPELINE}@refs/heads/main`,
  job: `${PIPELINE}@refs/heads/main`,
  run: undefined,
};
const EXPECTED: Expected = {
  server: 'https://github.com',
  repository: 'acme/flights',
  trustedWorkflows: undefined,
};

test.each<[string, Partial<Signer>, Partial<Expected>]>([
  ['a workflow of the repository', {}, {}],
  ['an enterprise with an issuer of its own', { issuer: `${SIGNER.issuer}/octocorp` }, {}],
  ['a trusted workflow at any ref', {}, { trustedWorkflows: [PIPELINE] }],
  ['a trusted workflow at its ref', {}, { trustedWorkflows: [`${PIPELINE}@refs/heads/main`] }],
  [
    'a reusable workflow that is trusted too',
    { job: 'https://github.com/octo/tools/.github/workflows/register.yml@refs/tags/v1' },
    {
      trustedWorkflows: [
        PIPELINE,
        'https://github.com/octo/tools/.github/workflows/register.yml@refs/tags/v1',
      ],
    },
  ],
])('%s may sign', (_who, signer, expected) => {
  expect(signerProblem({ ...SIGNER, ...signer }, { ...EXPECTED, ...expected })).toBeUndefined();
});

test('a workflow of a tenant of ghe.com may sign there', () => {
  const move = (url: string): string => url.replace('https://github.com', 'https://octocorp.ghe.com');
  const signer = {
    issuer: 'https://token.actions.octocorp.ghe.com',
    repository: move(SIGNER.repository),
    workflow: move(SIGNER.workflow),
    job: move(SIGNER.job),
    run: undefined,
  };
  expect(signerProblem(signer, { ...EXPECTED, server: 'https://octocorp.ghe.com' })).toBeUndefined();
  expect(signerProblem(signer, EXPECTED)).toMatch(/not by https:\/\/token\.actions\.githubusercontent\.com/);
});

test.each<[string, Partial<Signer>, Partial<Expected>, RegExp]>([
  ['an issuer with a similar name', { issuer: `${SIGNER.issuer}.evil.example` }, {}, /identity by .*evil/],
  ['a repository whose name goes on', { repository: `${REPOSITORY}-evil` }, {}, /workflow of .*-evil/],
  [
    'a workflow of a repository whose name goes on',
    { workflow: `${REPOSITORY}-evil/.github/workflows/pipeline.yml@refs/heads/main` },
    {},
    /not a workflow of/,
  ],
  [
    'a workflow whose name goes on',
    { workflow: `${PIPELINE}.evil.yml@refs/heads/main` },
    { trustedWorkflows: [PIPELINE] },
    /not one of evidence\.trusted-workflows/,
  ],
  [
    'a branch whose name goes on',
    { workflow: `${PIPELINE}@refs/heads/main-evil` },
    { trustedWorkflows: [`${PIPELINE}@refs/heads/main`] },
    /main-evil, which is not one of/,
  ],
  [
    'a reusable workflow that nobody trusts',
    { job: 'https://github.com/octo/tools/.github/workflows/register.yml@refs/tags/v1' },
    { trustedWorkflows: [PIPELINE] },
    /octo\/tools.*which is not one of/,
  ],
])('%s may not', (_who, signer, expected, says) => {
  expect(signerProblem({ ...SIGNER, ...signer }, { ...EXPECTED, ...expected })).toMatch(says);
});

test('runs of github.com and of tenants of ghe.com have identities, others have none', () => {
  expect(['https://github.com', 'https://octocorp.ghe.com'].map(hasIdentities)).toEqual([true, true]);
  const others = [
    '',
    'http://github.com',
    'https://ghe.com',
    'https://a.b.ghe.com',
    'https://octocorp.ghe.com.evil.example',
    'https://git.example.com',
  ];
  expect(others.map(hasIdentities)).toEqual(others.map(() => false));
});

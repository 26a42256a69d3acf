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

/** The signer under another name of the repository. */
const formerly = (name: string): Partial<Signer> => ({
  repository: `https://github.com/${name}`,
  workflow: SIGNER.workflow.replace('acme/flights', name),
  job: SIGNER.job.replace('acme/flights', name),
});
const renamedFrom = (name: string): Partial<Expected> => ({
  renamed: { from: [`https://github.com/${name}`], to: REPOSITORY },
});

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
  [
    'a workflow under a name that the repository had',
    { ...formerly('acme/old-name'), repositoryId: '7' },
    { ...renamedFrom('acme/old-name'), repositoryId: '7', trustedWorkflows: [PIPELINE] },
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
  [
    'a name that may have been ours',
    formerly('acme/old'),
    {},
    /if that .* add 'acme\/old' to evidence\.former-rep/,
  ],
  [
    'an earlier name of ours that nobody named',
    { ...formerly('acme/old'), repositoryId: '7' },
    { repositoryId: '7' },
    /that is an earlier name of this repository, so add 'acme\/old'/,
  ],
  [
    'a stranger',
    { ...formerly('eve/flights'), repositoryId: '8' },
    { repositoryId: '7' },
    /by a workflow of https:\/\/github\.com\/eve\/flights, not of \S+$/,
  ],
  [
    'whoever took a name that the repository gave up',
    { ...formerly('acme/old'), repositoryId: '8' },
    { ...renamedFrom('acme/old'), repositoryId: '7' },
    /another repository \(number 8, not 7\)/,
  ],
  [
    'a name that begins as an earlier one',
    formerly('acme/old-evil'),
    renamedFrom('acme/old'),
    /by a workflow of \S+old-evil, not/,
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

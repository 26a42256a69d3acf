import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep, type StepResult } from '../action.ts';
import { besideModel } from '../stored-file.ts';
import { startProject, type Project } from '../project.ts';
import type { SigningWorld } from './world.ts';

const config = (evidence: string): string => `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
evidence: ${evidence}
environments:
  production: { target: { type: directory, path: '\${MODEL_ROOT}' } }
`;
const TRUSTED_ROOT = 'trusted_root.json';
export const SIGNED = `{attest: true, trusted-root: ${TRUSTED_ROOT}}`;

/** A project whose versions are signed, with a folder to deploy them to. */
export interface SignedProject extends Project {
  /** Writes sluice.yaml again, with this section `evidence`. */
  configure(evidence: string): Promise<void>;
  deploy(
    env?: Readonly<Record<string, string>>,
    inputs?: Readonly<Record<string, string>>,
  ): Promise<StepResult>;
  rollback(inputs: Readonly<Record<string, string>>): Promise<StepResult>;
  fetchModel(env?: Readonly<Record<string, string>>): Promise<StepResult>;
  /** Path of a file beside a stored model. */
  beside(digest: string, name: string): Promise<string>;
  /** The signed statement beside a model: the bundle as it lies there. */
  bundle(digest: string): Promise<string>;
}

/** The steps run in `world`; the trusted root is a file of the repository. */
export async function startSignedProject(world: SigningWorld): Promise<SignedProject> {
  const project = await startProject(config(SIGNED));
  const { repository, store } = project;
  await repository.write({ [TRUSTED_ROOT]: world.instance.trustedRoot });
  const inputs = { 'github-token': 'ghs_test' };
  const run = (
    action: 'deploy' | 'rollback' | 'fetch-model',
    more: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ): Promise<StepResult> =>
    runStep(action, {
      workspace: repository.workspace,
      inputs: { ...inputs, ...more },
      env: { ...world.env, MODEL_STORE: store, MODEL_ROOT: path.join(repository.root, 'served'), ...env },
    });
  const beside = (digest: string, name: string): Promise<string> =>
    besideModel(path.join(store, 'flight-delay/sha256', digest), name);
  return {
    ...project,
    train: (weights, gate, data) => project.train(weights, gate, data, world.env),
    beside,
    configure: (evidence) => repository.write({ 'sluice.yaml': config(evidence) }),
    register: (more = {}, { env, ...rest } = {}) =>
      project.register({ ...inputs, ...more }, { ...rest, env: { ...world.env, ...env } }),
    deploy: (env = {}, more = {}) => run('deploy', more, env),
    rollback: (more) => run('rollback', more, {}),
    fetchModel: (env = {}) => run('fetch-model', {}, env),
    bundle: async (digest) => readFile(await beside(digest, 'attestation.sigstore.json'), 'utf8'),
  };
}

import { UserError } from '../action/errors.ts';
import { parseAge } from '../schema/duration.ts';
import type { EvidencePolicy } from './policy.ts';
import type { Renamed } from './renamed.ts';
import type { EvidenceSection } from './section.ts';

/** Reads the section `evidence` of sluice.yaml. A workflow without a repository is one of this repository. */
export function readEvidencePolicy(
  section: EvidenceSection = {},
  env: Readonly<NodeJS.ProcessEnv>,
): EvidencePolicy {
  const workflows = section['trusted-workflows'];
  const age = section['max-age'];
  return {
    requireData: section.require?.includes('data') ?? false,
    requireSignature: section.attest === true || (section.require?.includes('signature') ?? false),
    trustedWorkflows:
      workflows === undefined ? undefined : [workflows].flat().map((one) => workflowUrl(one, env)),
    renamed: renamedFrom(section['former-repositories'], env),
    maxAgeMs: age === undefined ? undefined : parseAge(age, 'evidence.max-age'),
  };
}

function renamedFrom(
  former: readonly string[] | undefined,
  {
    GITHUB_SERVER_URL: server = 'https://github.com',
    GITHUB_REPOSITORY: repository = '',
  }: Readonly<NodeJS.ProcessEnv>,
): Renamed | undefined {
  if (former === undefined) return undefined;
  const odd = former.find((name) => !/^[A-Za-z0-9_-][\w.-]*\/[\w.-]+$/.test(name));
  if (odd !== undefined) {
    throw new UserError(
      'bad-config',
      `evidence.former-repositories names '${odd}'. Write owner/name, such as acme/old-name.`,
    );
  }
  return { from: former.map((name) => `${server}/${name}`), to: `${server}/${repository}` };
}

function workflowUrl(given: string, env: Readonly<NodeJS.ProcessEnv>): string {
  const { GITHUB_SERVER_URL: server = 'https://github.com', GITHUB_REPOSITORY: repository = '' } = env;
  if (/^https?:\/\//.test(given)) return given;
  return given.startsWith('.') ? `${server}/${repository}/${given}` : `${server}/${given}`;
}

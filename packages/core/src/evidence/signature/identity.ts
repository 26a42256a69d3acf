import { isWorkflow } from '../policy.ts';
import { today, type Renamed } from '../renamed.ts';

/** Whom a certificate of Fulcio names, by the numbers of its extensions (sigstore/fulcio, docs/oid-info.md). */
export interface Signer {
  /** Who vouches for the identity: 1.3.6.1.4.1.57264.1.8. */
  readonly issuer: string;
  /** URL of the repository that the run belongs to: …1.12. */
  readonly repository: string;
  /** Number of that repository, which stays when it is renamed: …1.15. */
  readonly repositoryId?: string | undefined;
  /** URL of the workflow that was started, with its ref: …1.18. */
  readonly workflow: string;
  /** URL of the workflow that the signing job stands in, its subject alternative name; another one where that is reusable. */
  readonly job: string;
  /** URL of the attempt of the run: …1.21. */
  readonly run: string | undefined;
}

/** Who may have signed. */
export interface Expected {
  /** Such as https://github.com. */
  readonly server: string;
  /** Such as acme/flights. */
  readonly repository: string;
  /** Its number; undefined where nothing says it. */
  readonly repositoryId?: string | undefined;
  readonly renamed?: Renamed | undefined;
  readonly trustedWorkflows: readonly string[] | undefined;
}

/** Why this is not whom we expect, a clause; undefined when it is. */
export function signerProblem(signer: Signer, expected: Expected): string | undefined {
  const issuer = issuerOf(expected.server);
  // An enterprise may add its own name to the address of the issuer.
  if (signer.issuer !== issuer && !signer.issuer.startsWith(`${issuer}/`))
    return `its certificate rests on an identity by ${signer.issuer}, not by ${issuer}`;
  const repository = `${expected.server}/${expected.repository}`;
  const stranger = repositoryProblem(signer, repository, expected);
  return stranger ?? workflowProblem(signer, repository, expected);
}

/** Whoever takes a name that a repository gave up has another number. */
function repositoryProblem(
  { repository: by, repositoryId: number }: Signer,
  repository: string,
  { server, renamed, repositoryId }: Expected,
): string | undefined {
  if (by === repository) return undefined;
  const isKnown = number !== undefined && repositoryId !== undefined;
  const signed = `it was signed by a workflow of ${by}, not of ${repository}`;
  if (today(by, renamed) !== repository) {
    const name = by.replace(`${server}/`, '');
    if (isKnown && number !== repositoryId) return signed;
    const when = isKnown
      ? 'that is an earlier name of this repository, so'
      : 'if that is an earlier name of this repository,';
    return `${signed}; ${when} add '${name}' to evidence.former-repositories`;
  }
  if (!isKnown || number === repositoryId) return undefined;
  return `${signed}, and though evidence.former-repositories names it, it is another repository (number ${number}, not ${repositoryId}): somebody else has the name now`;
}

function workflowProblem(
  signer: Signer,
  repository: string,
  { trustedWorkflows: trusted, renamed }: Expected,
): string | undefined {
  const workflows = [signer.workflow, signer.job].map((workflow) => today(workflow, renamed));
  const stranger = workflows.find((workflow) =>
    trusted === undefined
      ? !workflow.startsWith(`${repository}/`)
      : !trusted.some((one) => isWorkflow(workflow, one)),
  );
  if (stranger === undefined) return undefined;
  return trusted === undefined
    ? `it was signed by ${stranger}, which is not a workflow of ${repository}; name it in evidence.trusted-workflows if you trust it`
    : `it was signed by ${stranger}, which is not one of evidence.trusted-workflows: ${trusted.join(', ')}`;
}

/** The issuer of the identities of a server's workflow runs. */
function issuerOf(server: string): string {
  const { hostname } = new URL(server);
  return `https://token.actions.${hostname === 'github.com' ? 'githubusercontent.com' : hostname}`;
}

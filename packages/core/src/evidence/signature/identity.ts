import { isWorkflow } from '../policy.ts';

/** Whom a certificate of Fulcio names, by the numbers of its extensions (sigstore/fulcio, docs/oid-info.md). */
export interface Signer {
  /** Who vouches for the identity: 1.3.6.1.4.1.57264.1.8. */
  readonly issuer: string;
  /** URL of the repository that the run belongs to: …1.12. */
  readonly repository: string;
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
  readonly trustedWorkflows: readonly string[] | undefined;
}

/** Why this is not whom we expect, a clause; undefined when it is. */
export function signerProblem(signer: Signer, expected: Expected): string | undefined {
  const issuer = issuerOf(expected.server);
  // An enterprise may add its own name to the address of the issuer.
  if (signer.issuer !== issuer && !signer.issuer.startsWith(`${issuer}/`))
    return `its certificate rests on an identity by ${signer.issuer}, not by ${issuer}`;
  const repository = `${expected.server}/${expected.repository}`;
  if (signer.repository !== repository)
    return `it was signed by a workflow of ${signer.repository}, not of ${repository}`;
  const trusted = expected.trustedWorkflows;
  const stranger = [signer.workflow, signer.job].find((workflow) =>
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

import { X509Certificate } from 'node:crypto';
import { bundleFromJSON, isBundleWithDsseEnvelope, type BundleWithDsseEnvelope } from '@sigstore/bundle';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { Verifier, toSignedEntity, toTrustMaterial, type SignedEntity } from '@sigstore/verify';
import { errorCode, errorMessage } from '../../action/errors.ts';
import { signerProblem, type Expected, type Signer } from './identity.ts';
import { claimProblem, type Claim } from './summary.ts';

/** A signature that holds, or why it does not: a clause that names the place. */
export type Verified =
  { readonly kind: 'verified'; readonly signer: Signer } | { readonly kind: 'refused'; readonly why: string };

/** The trust roots that certificates by this organisation are checked against. Throws UserError when there are none. */
export type RootsFor = (organisation: string) => Promise<readonly TrustedRoot[]>;

/**
 * Verifies a Sigstore bundle with Sigstore's own library: the signature over the envelope, the certificate's chain to a trust
 * root at the time of signing, and that time, from the transparency log or a timestamp authority. Then whom the certificate
 * names, and that the statement is about this model and passport.
 */
export async function verifyAttestation(
  text: string,
  rootsFor: RootsFor,
  claim: Claim,
  expected: Expected,
): Promise<Verified> {
  const opened = openBundle(text);
  if (opened.kind === 'refused') return opened;
  const { bundle, leaf } = opened;
  const organisation = organisationOf(leaf);
  const roots = (await rootsFor(organisation)).filter((root) => issued(root, leaf));
  if (roots.length === 0)
    return refused(
      `its certificate is by ${inline(leaf.issuer)}, an authority that the trust root does not name`,
    );
  const entity = toSignedEntity(bundle);
  const problems = roots.map((root) => problemUnder(root, entity, organisation !== GITHUB));
  if (!problems.includes(undefined)) return refused(problems[0] ?? '');
  const signer = signerOf(entity);
  const why =
    signer === undefined
      ? 'its certificate names no workflow run'
      : (signerProblem(signer, expected) ?? claimProblem(bundle.content.dsseEnvelope.payload, claim));
  return signer === undefined || why !== undefined ? refused(why ?? '') : { kind: 'verified', signer };
}

const refused = (why: string): Verified & { kind: 'refused' } => ({ kind: 'refused', why });

type Opened =
  | { readonly kind: 'opened'; readonly bundle: BundleWithDsseEnvelope; readonly leaf: X509Certificate }
  | { readonly kind: 'refused'; readonly why: string };

const IN_TOTO = 'application/vnd.in-toto+json';

function openBundle(text: string): Opened {
  try {
    const bundle = bundleFromJSON(JSON.parse(text));
    if (!isBundleWithDsseEnvelope(bundle) || bundle.content.dsseEnvelope.payloadType !== IN_TOTO)
      return refused('it holds no statement');
    const { content } = bundle.verificationMaterial;
    if (content.$case === 'publicKey') return refused('it was signed with a key, not by a workflow run');
    const certificate =
      content.$case === 'certificate' ? content.certificate : content.x509CertificateChain.certificates[0];
    if (certificate === undefined) return refused('it holds no certificate');
    return { kind: 'opened', bundle, leaf: new X509Certificate(certificate.rawBytes) };
  } catch (error) {
    return refused(`it cannot be read as a Sigstore bundle (${inline(errorMessage(error))})`);
  }
}

/** What the library's codes are about. */
const PLACES: Readonly<Record<string, string>> = {
  TLOG_INCLUSION_PROOF_ERROR: 'the entry of the transparency log',
  TLOG_INCLUSION_PROMISE_ERROR: 'the entry of the transparency log',
  TLOG_MISSING_INCLUSION_ERROR: 'the entry of the transparency log',
  TLOG_BODY_ERROR: 'the entry of the transparency log',
  TIMESTAMP_ERROR: 'the time of signing',
  CERTIFICATE_ERROR: 'the certificate',
  PUBLIC_KEY_ERROR: 'the certificate',
  SIGNATURE_ERROR: 'the signature over the statement',
};

/** The organisation of the certificates of GitHub's own instance, which has no logs. */
const GITHUB = 'GitHub, Inc.';

/**
 * Why an entity does not verify under a root. What the root knows of is asked for: an entry in its transparency log, else a
 * timestamp by its authority; certificate transparency where it has a log for that.
 */
function problemUnder(root: TrustedRoot, entity: SignedEntity, logs: boolean): string | undefined {
  const logged = logs && root.tlogs.length > 0;
  try {
    const verifier = new Verifier(toTrustMaterial(root), {
      ctlogThreshold: logs && root.ctlogs.length > 0 ? 1 : 0,
      tlogThreshold: logged ? 1 : 0,
      tsaThreshold: logged ? 0 : 1,
    });
    verifier.verify(entity);
    return undefined;
  } catch (error) {
    const place = PLACES[errorCode(error) ?? ''] ?? 'the bundle';
    return `${place} does not hold (${inline(errorMessage(error))})`;
  }
}

function issued(root: TrustedRoot, leaf: X509Certificate): boolean {
  return root.certificateAuthorities.some(({ certChain }) =>
    certChain?.certificates.some(({ rawBytes }) => leaf.checkIssued(new X509Certificate(rawBytes))),
  );
}

/** `sigstore.dev` or `GitHub, Inc.`; empty where the issuer names none. */
function organisationOf({ issuer }: X509Certificate): string {
  return /^O=(.*)$/m.exec(issuer)?.[1] ?? '';
}

const FULCIO = '1.3.6.1.4.1.57264.1';

function signerOf({ key }: SignedEntity): Signer | undefined {
  if (key.$case !== 'certificate') return undefined;
  const { certificate } = key;
  const value = (number: number): string | undefined =>
    certificate.extension(`${FULCIO}.${number}`)?.valueObj.subs[0]?.value.toString('utf8');
  const [issuer, repository, workflow, job] = [value(8), value(12), value(18), certificate.subjectAltName];
  if (issuer === undefined || repository === undefined || workflow === undefined || job === undefined)
    return undefined;
  return { issuer, repository, repositoryId: value(15), workflow, job, run: value(21) };
}

/** Names in certificates are by strangers and have a line for each part. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

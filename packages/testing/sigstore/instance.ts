import { X509Certificate, createHash, generateKeyPairSync } from 'node:crypto';
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from '@sigstore/mock';

/** What a service answers. */
export interface Answer {
  readonly statusCode: number;
  readonly response: string | Buffer;
  readonly contentType?: string;
}
export type Service = (body: string, path: string) => Promise<Answer>;

/** A Sigstore instance by Sigstore's own doubles: real keys, real certificates, real entries. */
export interface Instance {
  readonly fulcio: Service;
  readonly rekor: Service;
  readonly timestamp: Service;
  /** The trusted root that verifies what it signs, as JSON in Sigstore's format. */
  readonly trustedRoot: string;
}

/** The claim of the identity that becomes the name in the certificate; Fulcio makes it from job_workflow_ref. */
export const NAME_CLAIM = 'name_in_certificate';

const keys = (): ReturnType<typeof generateKeyPairSync> => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const wholeSecond = (): Date => new Date(Math.floor(Date.now() / 1000) * 1000);

/** `logged`: as Sigstore's public instance, with a transparency log; otherwise as GitHub's, with a timestamp authority. */
export async function startInstance(logged: boolean): Promise<Instance> {
  const ctLog = await initializeCTLog(keys());
  const ca = await initializeCA(keys(), logged ? ctLog : undefined);
  const log = await initializeTLog('https://rekor.sigstore.dev', keys());
  const rekor = rekorHandler(log).fn;
  // Of milliseconds that end in 0, as .470, the double drops the 0, and Sigstore's verifier reads three digits or none.
  const tsa = Object.assign(await initializeTSA(keys()), { getCurrentTime: wholeSecond });
  const since = { start: new Date(Date.now() - 60_000).toISOString() };
  const publicKey = (rawBytes: Buffer): object => ({
    rawBytes: rawBytes.toString('base64'),
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
    validFor: since,
  });
  const authority = (...chain: Buffer[]): object => ({
    subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
    certChain: { certificates: chain.map((bytes) => ({ rawBytes: bytes.toString('base64') })) },
    validFor: since,
  });
  const logOf = (key: Buffer, id: Buffer): object => ({
    baseUrl: 'https://rekor.sigstore.dev',
    hashAlgorithm: 'SHA2_256',
    publicKey: publicKey(key),
    logId: { keyId: id.toString('base64') },
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    certificateAuthorities: [authority(ca.rootCertificate)],
    tlogs: logged ? [logOf(log.publicKey, createHash('sha256').update(log.publicKey).digest())] : [],
    ctlogs: logged ? [logOf(ctLog.publicKey, ctLog.logID)] : [],
    timestampAuthorities: logged ? [] : [authority(tsa.intCertificate, tsa.rootCertificate)],
  };
  return {
    fulcio: fulcioHandler(ca, { subjectClaim: NAME_CLAIM }).fn,
    rekor: (body) => rekor(recorded(body)),
    timestamp: tsaHandler(tsa).fn,
    trustedRoot: JSON.stringify(root),
  };
}

interface Proposed {
  readonly kind: string;
  readonly spec: {
    readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly string[] };
  };
}

/** What Rekor records of a proposed entry of kind `dsse`: digests and signatures, not the statement. Its double does not do that. */
function recorded(body: string): string {
  const entry = JSON.parse(body) as Proposed;
  const { envelope: text, verifiers } = entry.spec.proposedContent;
  const envelope = JSON.parse(text) as { payload: string; signatures: { sig: string }[] };
  const hash = (bytes: string | Buffer): object => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(bytes).digest('hex'),
  });
  return JSON.stringify({
    ...entry,
    spec: {
      envelopeHash: hash(text),
      payloadHash: hash(Buffer.from(envelope.payload, 'base64')),
      signatures: envelope.signatures.map(({ sig }, index) => ({
        signature: sig,
        // Certificates are written anew, in lines of 64 characters.
        verifier: Buffer.from(
          new X509Certificate(Buffer.from(verifiers[index] ?? '', 'base64')).toString(),
        ).toString('base64'),
      })),
    },
  });
}

import * as z from 'zod/mini';
import type { ModelDigest } from '../../digest/model.ts';
import { MODEL_SUBJECT, PASSPORT, modelSubjects, type ModelIdentity } from '../passport.ts';

/** Name of the signed statement beside a stored model: a Sigstore bundle, as cosign and gh name it. */
export const ATTESTATION = 'attestation.sigstore.json';
export const VERIFICATION_SUMMARY = 'https://slsa.dev/verification_summary/v1';
const STATEMENT = 'https://in-toto.io/Statement/v1';
/** GitHub files an attestation under each of its subjects, and takes 1024 of them. */
const MOST_FILES = 1000;

export interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** What is signed: an in-toto statement without its type, as @actions/attest takes it. */
export interface Unsigned {
  readonly subjects: readonly Subject[];
  readonly predicateType: typeof VERIFICATION_SUMMARY;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** What register-model has seen when it signs. */
export interface Registered {
  readonly model: ModelIdentity;
  readonly files: ModelDigest['files'];
  readonly signingRoot: string;
  /** sha256 (hex) of the passport. */
  readonly passport: string;
  /** sha256 (hex) of what else lies beside the model, by name. */
  readonly companions: ReadonlyMap<string, string>;
  /** Address of the repository, such as https://github.com/acme/flights. */
  readonly repository: string;
  readonly at: Date;
}

/**
 * The SLSA verification summary (https://slsa.dev/spec/v1.1/verification_summary) that register-model signs: it checked the
 * statements of this passport about this model, and they hold. One signature covers them all, as it names their digest.
 * The files of the model are subjects too, up to a thousand, so that each can be looked up and verified by itself.
 */
export function verificationSummary(registered: Registered): Unsigned {
  const { model, files, signingRoot, passport, companions, repository, at } = registered;
  const subject = (name: string, sha256: string): Subject => ({ name, digest: { sha256 } });
  const listed = files.length > MOST_FILES ? [] : files;
  return {
    subjects: [
      ...modelSubjects(model.name, { sha256: model.digest, signingRoot }).map((one) =>
        subject(one.name, one.sha256),
      ),
      subject(PASSPORT, passport),
      ...[...companions].map(([name, sha256]) => subject(name, sha256)),
      ...listed.map((file) => subject(`model/${file.path}`, file.sha256)),
    ],
    predicateType: VERIFICATION_SUMMARY,
    predicate: {
      verifier: { id: 'https://github.com/sluice-ml/sluice/actions/register-model' },
      timeVerified: at.toISOString(),
      resourceUri: `${repository}#${model.name}`,
      policy: { uri: 'https://github.com/sluice-ml/sluice/blob/v1/docs/evidence.md#policy' },
      inputAttestations: [{ uri: PASSPORT, digest: { sha256: passport } }],
      verificationResult: 'PASSED',
      verifiedLevels: ['SLUICE_EVIDENCE_HOLDS'],
    },
  };
}

/** What a signed statement has to be about. */
export interface Claim {
  readonly model: ModelIdentity;
  /** sha256 (hex) of the passport. */
  readonly passport: string;
}

/** Why the payload of a signature is not a summary about this model and passport, a clause; undefined when it is. */
export function claimProblem(payload: Uint8Array, { model, passport }: Claim): string | undefined {
  const statement = summarySchema.safeParse(parsed(payload));
  if (!statement.success) return 'its payload is not a verification summary of register-model';
  const { subject, predicate } = statement.data;
  const wanted = MODEL_SUBJECT + model.name;
  const found = subject.find(({ name }) => name === wanted)?.digest.sha256;
  if (found !== model.digest)
    return `it is about ${found === undefined ? 'another model' : `${wanted} sha256:${found}`}, not about ${wanted} sha256:${model.digest}`;
  const vouched = predicate.inputAttestations.map(({ digest }) => digest.sha256);
  if (vouched.includes(passport)) return undefined;
  return `it vouches for the passport sha256:${vouched.join(', sha256:')}, not for sha256:${passport}`;
}

const digest = z.looseObject({ sha256: z.string() });
const summarySchema = z.looseObject({
  _type: z.literal(STATEMENT),
  subject: z.array(z.looseObject({ name: z.string(), digest })),
  predicateType: z.literal(VERIFICATION_SUMMARY),
  predicate: z.looseObject({
    inputAttestations: z.array(z.looseObject({ digest })),
    verificationResult: z.literal('PASSED'),
  }),
});

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}

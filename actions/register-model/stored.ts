import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, errorMessage } from '@sluice/core/action/errors.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { GATE_RECORD, boundFiles } from '@sluice/core/evidence/bound-files.ts';
import { PASSPORT, parsePassport, type Passport } from '@sluice/core/evidence/passport.ts';
import type { EvidencePolicy } from '@sluice/core/evidence/policy.ts';
import { payloadOf } from '@sluice/core/evidence/signature/payload.ts';
import { ATTESTATION, claimProblem, type Claim } from '@sluice/core/evidence/signature/summary.ts';
import type { Store } from '@sluice/core/store/store.ts';
import type { Reason } from './definition.ts';
import { CARD } from './card.ts';
import { METRICS, parseGate } from './companions.ts';
import { requireBound, requireEvidence } from '@sluice/core/evidence/gather.ts';
import type { RegisterSettings } from './inputs.ts';

/** sha256 (hex) of what lies beside a model and the tag has to name. */
export interface CompanionDigests {
  readonly passport: string;
  /** Absent where no signed statement lies beside the model. */
  readonly attestation?: string | undefined;
  /** Absent where no metrics.json lies beside the model. */
  readonly metrics?: string | undefined;
  /** Absent where no model card lies beside the model. */
  readonly card?: string | undefined;
}

/**
 * The digests of what lies beside bytes that were stored before: stored files are never replaced, so the tag has to name
 * them. Throws `evidence-mismatch` when they are not what that passport vouches for.
 */
export async function storedDigests(
  store: Store,
  digest: string,
  { model, policy, attest }: Pick<RegisterSettings, 'model' | 'policy' | 'attest'>,
): Promise<CompanionDigests> {
  const passport = await storedPassport(store, model, digest, policy);
  const { record } = boundFiles(parsePassport(passport.text), { name: model, digest });
  const gate = await read(store, model, digest, GATE_RECORD);
  if (gate !== undefined) requireBound(`The stored ${GATE_RECORD} of sha256:${digest}`, sha256(gate), record);
  const metrics = await read(store, model, digest, METRICS);
  if (gate !== undefined && metrics !== undefined)
    requireAgreement(metrics.toString('utf8'), gate.toString('utf8'), digest);
  const card = await read(store, model, digest, CARD);
  const attestation = await read(store, model, digest, ATTESTATION);
  const claim = { model: { name: model, digest }, passport: passport.sha256 };
  if (attest || attestation !== undefined)
    requireAttestation(attestation?.toString('utf8'), claim, `${store.uri}/${model}/sha256/${digest}`);
  return {
    passport: passport.sha256,
    attestation: attestation && sha256(attestation),
    metrics: metrics && sha256(metrics),
    card: card && sha256(card),
  };
}

/**
 * The passport that lies beside bytes which were stored before, by a run that never finished or by one that is running
 * now. The ledger must name that one, for stored files are never replaced.
 */
async function storedPassport(
  store: Store,
  model: string,
  digest: string,
  policy: EvidencePolicy,
): Promise<Passport> {
  const file = await store.companion(model, digest, PASSPORT);
  const entry = `${store.uri} (${path.join(model, 'sha256', digest)})`;
  if (file === undefined) {
    throw new UserError<Reason>(
      'evidence-mismatch',
      `The store ${entry} has these bytes without a passport. Remove that folder and run again.`,
      {
        decision: 'fail',
      },
    );
  }
  const bytes = await readFile(file);
  const text = bytes.toString('utf8');
  requireEvidence(
    readable(() => parsePassport(text), file),
    { name: model, digest },
    policy,
    file,
  );
  return { text, sha256: sha256(bytes) };
}

function readable<T>(parse: () => T, file: string): T {
  try {
    return parse();
  } catch (error) {
    throw new UserError<Reason>(
      'evidence-mismatch',
      `The passport ${file} is damaged: ${errorMessage(error)}. Restore it.`,
      {
        cause: error,
        decision: 'fail',
      },
    );
  }
}

async function read(store: Store, model: string, digest: string, name: string): Promise<Buffer | undefined> {
  const file = await store.companion(model, digest, name);
  return file === undefined ? undefined : readFile(file);
}

/** No statement names metrics.json itself, but what the gate computed is in its record, which one names. */
function requireAgreement(metrics: string, gate: string, digest: string): void {
  const stored = new Map<string, unknown>(Object.entries(JSON.parse(metrics) as object));
  const judged = Object.entries(parseGate(gate, `the stored ${GATE_RECORD} of sha256:${digest}`).metrics);
  const changed = judged.find(([name, value]) => stored.get(name) !== value);
  if (changed === undefined) return;
  const [name, value] = changed;
  throw new UserError<Reason>(
    'evidence-mismatch',
    `The stored ${METRICS} of sha256:${digest} was changed: '${name}' is ${String(stored.get(name))}, but the gate found ${value}. Remove that entry from the store and run again.`,
    { decision: 'fail' },
  );
}

/** Who signed is asked by deploy; here it has to be the signature of this passport. */
function requireAttestation(text: string | undefined, claim: Claim, entry: string): void {
  const payload = text === undefined ? undefined : payloadOf(text);
  const why =
    text === undefined
      ? 'were stored without a signature, and stored files are never replaced'
      : payload === undefined
        ? `have a damaged signature (${ATTESTATION})`
        : claimProblem(payload, claim);
  if (why === undefined) return;
  const said =
    payload === undefined
      ? `The bytes in ${entry} ${why}.`
      : `The signature in ${entry} is another's: ${why}.`;
  throw new UserError<Reason>('evidence-mismatch', `${said} Remove that folder and run again.`, {
    decision: 'fail',
  });
}

import type { ReasonText } from '../action/reasons.ts';

/** What the reason codes of `requireEvidence` and `requireSignature` mean, whoever asks for a version. */
export const EVIDENCE_MISSING: ReasonText = {
  happened:
    'No passport with a gate statement vouches for the bytes, or one that `evidence.require` asks for is missing, or a signature.',
  remedy: 'Run evaluate-gate and register-model for this model; with `evidence.attest: true` it signs.',
};
export const EVIDENCE_MISMATCHED =
  'The bytes, the passport or the signature are not the ones the ledger names, the signature does not hold, or it or a statement is by a workflow that is not trusted. Or the tag names a store that sluice.yaml does not, and the bytes are in none that it does.';
export const EVIDENCE_FAILED =
  'The passport says that the gate or a data test of this model failed, or it is older than `evidence.max-age`.';

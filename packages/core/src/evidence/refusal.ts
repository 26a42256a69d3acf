import { UserError } from '../action/errors.ts';
import type { ReasonCode } from '../action/reasons.ts';
import type { PassportProblem } from './passport.ts';

/** The reason code of a step that evidence keeps from going on, by what is wrong with it. */
const EVIDENCE_REASONS = {
  missing: 'evidence-missing',
  failed: 'evidence-failed',
  mismatch: 'evidence-mismatch',
} as const satisfies Record<PassportProblem['kind'], ReasonCode>;

export type EvidenceReason = (typeof EVIDENCE_REASONS)[PassportProblem['kind']];

/** The error of a step that a problem with the evidence stops; `message` is the problem's own unless given. */
export function evidenceRefusal(
  problem: PassportProblem,
  message: string = problem.message,
): UserError<EvidenceReason> {
  return new UserError<EvidenceReason>(EVIDENCE_REASONS[problem.kind], message, { decision: 'fail' });
}

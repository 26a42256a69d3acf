import type * as z from 'zod/mini';
import { parseBoolean } from '../action/names.ts';
import { UserError } from '../action/errors.ts';
import type { gateSection } from '../gate/section.ts';
import { parseMatrixKey } from './comment/matrix-key.ts';

const COMMENTS = ['always', 'on-change', 'on-failure', 'never'] as const;
export type CommentWhen = (typeof COMMENTS)[number];

/** What a pull request is shown, and what it may accept. */
export interface ReviewSettings {
  readonly model: string;
  /** Tells this job from the others of its matrix; '' without one. */
  readonly matrixKey: string;
  readonly comment: CommentWhen;
  readonly checkName: string;
  /** The label that acknowledges a failure; absent where nobody can. */
  readonly acknowledgeLabel?: string;
  /** Whether nothing is written. */
  readonly dryRun: boolean;
}

type ReviewInputs = Readonly<Partial<Record<'matrix-key' | 'comment' | 'check-name' | 'dry-run', string>>>;

/** Reads the inputs and the section `gate` of sluice.yaml; an input that is set wins. Throws `bad-input`. */
export function readReviewSettings(
  inputs: ReviewInputs,
  section: z.infer<typeof gateSection> | undefined,
  model: string,
): ReviewSettings {
  const matrixKey = parseMatrixKey(inputs['matrix-key']);
  const name = checkName(inputs['check-name'] ?? section?.['check-name'] ?? model);
  const acknowledge = section?.acknowledge;
  return {
    model,
    matrixKey,
    comment: parseComment(inputs.comment) ?? section?.comment ?? 'always',
    checkName: matrixKey === '' ? name : `${name} (${matrixKey})`,
    ...(acknowledge === false ? {} : { acknowledgeLabel: acknowledge?.label ?? 'sluice:accept' }),
    dryRun: parseBoolean('dry-run', inputs['dry-run'], false),
  };
}

const PREFIX = 'Sluice: ';

/** A pull request may change the name in sluice.yaml: under another check's name it would pass in its place. */
function checkName(given: string): string {
  const name = given.replace(/\s+/g, ' ').trim();
  return name.startsWith(PREFIX) ? name : `${PREFIX}${name}`;
}

function parseComment(input: string | undefined): CommentWhen | undefined {
  if (input === undefined) return undefined;
  const found = COMMENTS.find((when) => when === input);
  if (found !== undefined) return found;
  throw new UserError('bad-input', `Input 'comment' is '${input}'. Allowed: ${COMMENTS.join(', ')}.`);
}

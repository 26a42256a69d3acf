import { gatesAbout, type ModelIdentity, type PassportProblem } from './passport.ts';
import { PROVENANCE, type ProvenanceStatement, type Statement } from './statement.ts';

/** Name of the gate's own record, in its folder and beside a stored model. */
export const GATE_RECORD = 'gate.json';

/** How a gate statement names files that the verdict rests on; the paths they had say nothing later. */
export const READ_METRICS = 'metrics';
export const READ_PREDICTIONS = 'predictions';

/** The files that numbers of a model may come from: by what they are, the sha256 (hex) that its statements name. */
export interface BoundFiles {
  readonly record: ReadonlySet<string>;
  readonly predictions: ReadonlySet<string>;
  readonly metrics: ReadonlySet<string>;
}

/**
 * Collects what the gate statements about exactly this model, and the provenance of its bytes, say about files with
 * numbers: the gate's record and the predictions it left are subjects, what it read is its configuration, and what the
 * training wrote are byproducts.
 */
export function boundFiles(statements: readonly Statement[], model: ModelIdentity): BoundFiles {
  const gates = gatesAbout(statements, model);
  const left = gates.flatMap((gate) => gate.subject);
  const read = gates.flatMap((gate) => gate.predicate.configuration);
  const made = statements
    .filter((s): s is ProvenanceStatement => s.predicateType === PROVENANCE)
    .filter((s) => s.subject.some((subject) => subject.digest['sha256'] === model.digest))
    .flatMap((s) => s.predicate.runDetails.byproducts ?? []);
  return {
    record: digests(left.filter(({ name }) => name === GATE_RECORD)),
    predictions: digests([
      ...left.filter(({ name }) => isPredictions(name)),
      ...read.filter(({ name }) => name === READ_PREDICTIONS),
      ...made,
    ]),
    metrics: digests([...read.filter(({ name }) => name === READ_METRICS), ...made]),
  };
}

/** Whether a file beside a model holds predictions, by its name. */
export function isPredictions(name: string): boolean {
  return name.startsWith('predictions.');
}

/** Why a file is not one of those that were vouched for, or undefined; `what` begins the sentence. */
export function checkFile(
  what: string,
  sha256: string,
  allowed: ReadonlySet<string>,
): PassportProblem | undefined {
  if (allowed.has(sha256)) return undefined;
  const known = [...allowed].map((digest) => `sha256:${digest}`).join(' or ');
  return {
    kind: 'mismatch',
    place: what,
    message:
      known === ''
        ? `${what} is vouched for by nothing: no statement about this model names a digest of it.`
        : `${what} was changed: it is sha256:${sha256}, but ${known} was vouched for.`,
  };
}

function digests(
  resources: readonly { readonly digest?: Readonly<Record<string, string>> | undefined }[],
): ReadonlySet<string> {
  return new Set(resources.flatMap(({ digest }) => digest?.['sha256'] ?? []));
}

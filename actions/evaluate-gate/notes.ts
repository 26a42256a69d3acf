import { heldNotes } from '@sluice/core/measuring/held-against.ts';
import { baselineNotes, sameModelNotes, testSetNotes } from '@sluice/core/baseline/entry.ts';
import { budgetNotes } from '@sluice/core/gate/report/budget-words.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import { acknowledgementNote } from '@sluice/core/review/acknowledgement.ts';
import type { GateFindings } from './findings.ts';
import type { GateSettings } from './inputs.ts';

/** What the notes are about. */
export interface NotedFindings extends Pick<
  GateFindings,
  | 'acknowledgement'
  | 'baseline'
  | 'budget'
  | 'carried'
  | 'doubts'
  | 'found'
  | 'held'
  | 'subject'
  | 'trust'
  | 'verdict'
> {
  readonly candidate: Pick<Candidate, 'model' | 'predictionsFile'> & { readonly predictions?: object };
  readonly settings: Pick<GateSettings, 'fromFork'> & {
    readonly baseline: Pick<GateSettings['baseline'], 'maxAge'>;
  };
  readonly testSet: { readonly s3: { readonly notes: readonly string[] } } | undefined;
}

/** What a reader of the report has to know beside the numbers. Plain text. */
export function notesOf(findings: NotedFindings): string[] {
  const { candidate, verdict, budget, found, settings, trust } = findings;
  const doubts = findings.doubts.filter((doubt) => doubt !== verdict.doubt);
  const notes = [
    ...(findings.subject.kind === 'unknown' ? [findings.subject.why] : []),
    ...acknowledgementNote(findings.acknowledgement),
    ...trust,
    ...doubts.map(({ sentence }) => sentence),
    ...heldNotes(findings.held),
    ...sameModelNotes(candidate.model?.sha256, found, findings.baseline),
    ...testSetNotes(findings.baseline, found),
    ...baselineNotes(found, settings.baseline.maxAge),
    ...budgetNotes(budget, verdict),
    ...(findings.testSet?.s3.notes ?? []),
    ...(findings.carried === undefined ? [] : [findings.carried]),
  ];
  if (settings.fromFork) {
    notes.push('No model is vouched for, and no statement is written.');
  } else if (candidate.model === undefined) {
    notes.push(
      "Only numbers were judged and no model, so no model is vouched for and no statement is written. Set 'model-path' to have one.",
    );
  } else if (candidate.predictionsFile === undefined) {
    notes.push(
      `The ${candidate.predictions === undefined ? 'numbers were given and not measured' : 'predictions were given and not made'} here; that they belong to this model is taken on trust.`,
    );
  }
  if (verdict.reason === 'new-baseline' && found.kind === 'none')
    notes.push('This is the first version: what needs a baseline was not checked.');
  return notes;
}

import * as path from 'node:path';
import { sha256, sha256File } from '@sluice/core/digest/files.ts';
import { GATE_RECORD, READ_METRICS, READ_PREDICTIONS } from '@sluice/core/evidence/bound-files.ts';
import { runUrl } from '@sluice/core/action/run-url.ts';
import { writerOf } from '@sluice/core/evidence/writer.ts';
import { findCheckedOut } from '@sluice/core/ledger/checked-out.ts';
import { runDetails } from '@sluice/core/evidence/run-details.ts';
import { modelSubjects } from '@sluice/core/evidence/passport.ts';
import {
  EVIDENCE_FOLDER,
  testResultStatement,
  writeStatement,
  type Resource,
} from '@sluice/core/evidence/statement.ts';
import { effectOf } from '@sluice/core/gate/gate-verdict.ts';
import type { AnyResult } from '@sluice/core/gate/kinds/index.ts';
import { recordedRules } from '@sluice/core/gate/recorded-rules.ts';
import type { Effect } from '@sluice/core/gate/verdict.ts';
import { descriptorOf } from '@sluice/core/evidence/descriptor.ts';
import { acknowledgementEntry } from '@sluice/core/review/acknowledgement.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { LockedTestSet } from '@sluice/core/project/test-set.ts';
import type { GateFindings } from './findings.ts';
import { labelOf } from '@sluice/core/gate/report/sentences.ts';

const RESULTS = { pass: 'PASSED', warn: 'WARNED', fail: 'FAILED', error: 'FAILED' } as const;

/**
 * Writes the test-result statement about the model's bytes and what was found about them, which is in the gate's folder
 * by now, and returns its path; undefined when no model was given.
 */
export async function writeEvidence(findings: GateFindings): Promise<string | undefined> {
  const { context, settings, candidate, verdict } = findings;
  const acknowledged = acknowledgementEntry(findings.acknowledgement);
  if (candidate.model === undefined) return undefined;
  const names = (wanted: (result: AnyResult, effect: Effect) => boolean): string[] =>
    findings.results.filter((result) => wanted(result, effectOf(result))).map(labelOf);
  const statement = testResultStatement(
    [...modelSubjects(settings.model, candidate.model), ...(await filesLeft(findings))],
    {
      result: RESULTS[verdict.decision],
      configuration: configuration(findings),
      passedTests: names((r) => r.verdict === 'pass' || r.verdict === 'new-baseline'),
      warnedTests: names(
        (r, effect) =>
          (effect === 'warn' && r.verdict !== 'acknowledged') ||
          (r.verdict === 'inconclusive' && effect === 'pass'),
      ),
      // Who accepted a failure does not undo it.
      failedTests: names(
        (r, effect) => effect === 'fail' || effect === 'error' || r.verdict === 'acknowledged',
      ),
      ...(acknowledged === null ? {} : { acknowledged }),
      runDetails: runDetails(context.env, runUrl(context.env), new Date()),
    },
  );
  return writeStatement(
    context.directory,
    EVIDENCE_FOLDER,
    'evaluate-gate',
    statement,
    writerOf(context.env, await findCheckedOut(context.directory)),
  );
}

/** What later gates read when this model is their baseline. */
async function filesLeft({
  folders,
  candidate,
}: GateFindings): Promise<{ readonly name: string; readonly sha256: string }[]> {
  const names = [
    GATE_RECORD,
    ...(candidate.predictionsFile === undefined ? [] : [candidate.predictionsFile]),
  ];
  return Promise.all(
    names.map(async (name) => ({ name, sha256: await sha256File(path.join(folders.gate, name)) })),
  );
}

/** What the verdict depends on beside the model: the test set, the rules, the baseline, and numbers that were given. */
function configuration({ testSet, settings, found, candidate }: GateFindings): Resource[] {
  const files =
    testSet?.files.map((file) => ({
      name: file.path,
      digest: { sha256: file.sha256 },
      ...descriptorOf(file.origin),
    })) ?? [];
  const locked = testSet?.locked === undefined ? [] : [lockedResource(testSet.locked)];
  const asked = { rules: recordedRules(settings.rules), ...settings.certainty, columns: settings.columns };
  const rules = { name: 'rules', digest: { sha256: sha256(JSON.stringify(asked)) } };
  const digest = found.kind === 'version' ? found.record.modelDigest : undefined;
  const baseline =
    found.kind === 'version' && digest !== undefined
      ? [{ name: `baseline:${settings.model}@${found.record.version}`, digest: { sha256: digest } }]
      : [];
  return [...files, ...locked, rules, ...baseline, ...numbersRead(candidate)];
}

/** A test set that only dvc.lock tells of. */
function lockedResource({ name, entry: { md5 = '', algorithm } }: LockedTestSet): Resource {
  const kind = md5.endsWith('.dir') ? 'dvcDirMd5' : algorithm === 'md5' ? 'md5' : 'dvcMd5Dos2unix';
  return { name, digest: { [kind]: md5.replace(/\.dir$/, '') } };
}

function numbersRead({ predictions, predictionsFile, metricsDigest }: Candidate): Resource[] {
  const given = predictionsFile === undefined ? (predictions?.fileDigests ?? []) : [];
  return [
    ...given.map((digest) => ({ name: READ_PREDICTIONS, digest: { sha256: digest } })),
    ...(metricsDigest === undefined ? [] : [{ name: READ_METRICS, digest: { sha256: metricsDigest } }]),
  ];
}

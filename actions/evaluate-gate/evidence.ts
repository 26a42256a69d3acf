import { sha256 } from '@sluice/core/digest/files.ts';
import { MODEL_SUBJECT } from '@sluice/core/evidence/passport.ts';
import { testResultStatement, writeStatement, type Resource } from '@sluice/core/evidence/statement.ts';
import { effectOfResult, type AnyResult, type Effect } from '@sluice/core/gate/verdict.ts';
import { acknowledgementEntry } from './acknowledge.ts';
import { allResults, type GateFindings } from './conclude.ts';
import type { GateSettings } from './inputs.ts';
import { labelOf } from './sentences.ts';

const RESULTS = { pass: 'PASSED', warn: 'WARNED', fail: 'FAILED', error: 'FAILED' } as const;

/** Writes the test-result statement about the model's bytes and returns its path; undefined when no model was given. */
export async function writeEvidence(findings: GateFindings): Promise<string | undefined> {
  const { folders, settings, candidate, verdict } = findings;
  const acknowledged = acknowledgementEntry(findings.acknowledgement);
  if (candidate.modelDigest === undefined) return undefined;
  const names = (wanted: (result: AnyResult, effect: Effect) => boolean): string[] =>
    allResults(findings)
      .filter((r) => wanted(r, effectOfResult(r)))
      .map((r) => labelOf(r));
  const statement = testResultStatement(
    [{ name: `${MODEL_SUBJECT}${settings.model}`, sha256: candidate.modelDigest }],
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
    },
  );
  return writeStatement(folders.evidence, 'evaluate-gate', statement);
}

/** Every rule, settled, in the order in which they are judged. */
export function writtenRules({ rules }: GateSettings): object[] {
  return [...rules.metrics, ...rules.cases, ...rules.fairness, ...rules.conditions];
}

/** What the verdict depends on beside the model: the test set, the rules, and the baseline. */
function configuration({ testSet, settings, found }: GateFindings): Resource[] {
  const files = testSet?.files.map((file) => ({ name: file.path, digest: { sha256: file.sha256 } })) ?? [];
  const asked = { rules: writtenRules(settings), ...settings.certainty, columns: settings.columns };
  const rules = { name: 'rules', digest: { sha256: sha256(JSON.stringify(asked)) } };
  const digest = found.kind === 'version' ? found.record.modelDigest : undefined;
  const baseline =
    found.kind === 'version' && digest !== undefined
      ? [{ name: `baseline:${settings.model}@${found.record.version}`, digest: { sha256: digest } }]
      : [];
  return [...files, rules, ...baseline];
}

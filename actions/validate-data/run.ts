import { writeBelow } from '@sluice/core/action/below.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import { installDuckdb } from '@sluice/core/data/duckdb-install.ts';
import { formatCount } from '@sluice/core/data/rule-result.ts';
import { annotate } from './annotate.ts';
import { shown, type Context } from './context.ts';
import { readContract, type ContractFile } from './contract-file.ts';
import { decide, type DataVerdict } from './decide.ts';
import type { OUTPUTS, Reason } from './definition.ts';
import { EVIDENCE_FOLDER, removeStatement } from '@sluice/core/evidence/statement.ts';
import { ACTION, writeEvidence } from './evidence.ts';
import { examine, type Findings } from './examine.ts';
import { readSettings, type ValidateSettings } from './inputs.ts';
import { withStages } from './pipeline.ts';
import { summaryOf } from './report.ts';
import { toResult } from './result.ts';
import { suggestContract, type SuggestedContract } from './suggest.ts';

export async function run(context: Context): Promise<Outcome<Reason, (typeof OUTPUTS)[number]>> {
  // First of all: whatever goes wrong from here on, an older verdict must not stand for this run.
  await removeStatement(context.directory, EVIDENCE_FOLDER, ACTION);
  const settings = await readSettings(context);
  const contract =
    settings.contract === undefined
      ? undefined
      : await readContract(settings.contract, shown(context, settings.contract));
  const binding = await installDuckdb({ ...context, given: settings.duckdbPath });
  const findings = await examine(context, settings, contract, binding);
  context.signal.throwIfAborted();
  await writeBelow(context.workspace, settings.profile, `${JSON.stringify(findings.profile, null, 2)}\n`);
  const suggested =
    contract === undefined ? await suggestContract(context.directory, findings.profile) : undefined;
  const judged =
    suggested === undefined ? concludeFrom(findings) : noContract(shown(context, suggested.file));
  const conclusion = withStages(judged, settings.stages);
  tell(context, findings);
  annotate(context, findings.rules, contract);
  return {
    ...conclusion,
    ...(await present(context, settings, { contract, suggested }, findings, conclusion)),
  };
}

function concludeFrom({ rules, drift, data }: Findings): DataVerdict {
  const rows = data.reduce((sum, set) => sum + set.rows, 0);
  return decide(rules, drift, { rows, files: data.reduce((sum, set) => sum + set.files.length, 0) });
}

/** Without a contract there is nothing to hold: never a pass. */
function noContract(file: string): DataVerdict {
  return {
    decision: 'error',
    reasonCode: 'contract-suggested',
    message: `There is no contract to check by. One was inferred and written to ${file} on the runner; the job summary has all of it. Read it, commit it, and set data.contract in sluice.yaml or the input 'contract'.`,
  };
}

async function present(
  context: Context,
  settings: ValidateSettings,
  { contract, suggested }: { contract: ContractFile | undefined; suggested: SuggestedContract | undefined },
  { data, rules, drift }: Findings,
  { decision }: DataVerdict,
): Promise<
  Pick<Outcome<never, (typeof OUTPUTS)[number]>, 'model' | 'outputs' | 'result' | 'evidence' | 'summary'>
> {
  return {
    model: settings.model,
    outputs: {
      profile: settings.profile,
      rows: data.reduce((sum, set) => sum + set.rows, 0),
      'failed-rules': JSON.stringify(rules.filter((rule) => rule.verdict === 'fail').map((rule) => rule.id)),
    },
    result: toResult(data, rules, drift, settings.stages),
    evidence: await writeEvidence(context, decision, data, rules, contract),
    summary: summaryOf({
      model: settings.model,
      decision,
      data,
      rules,
      drift,
      contract: contract?.name,
      suggested: suggested && { file: shown(context, suggested.file), text: suggested.text },
      s3Notes: settings.s3Notes,
      stages: settings.stages,
      profile: shown(context, settings.profile),
    }),
  };
}

function tell({ log }: Context, { data, rules, drift }: Findings): void {
  for (const set of data) {
    log.info(
      `${set.name}: ${formatCount(set.rows)} rows in ${set.files.length} file(s), sha256:${set.digest}`,
    );
  }
  for (const rule of rules.filter((r) => r.verdict !== 'pass')) {
    log.info(`  ${rule.verdict} ${rule.dataSet}: ${rule.id}: ${rule.message}`);
  }
  for (const d of drift.filter((each) => each.verdict === 'warn')) {
    log.info(`  drift ${d.dataSet}: ${d.column} ${d.message}`);
  }
  log.info(`${rules.filter((r) => r.verdict === 'pass').length} rules hold.`);
}

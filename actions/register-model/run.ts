import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import { runUrl } from '@sluice/core/action/run-url.ts';
import { VERSION } from '@sluice/core/action/version.ts';
import { refusal } from '@sluice/core/ledger/plan.ts';
import { planRegistration, type RegisterWish } from '@sluice/core/ledger/registration.ts';
import { compactJson } from '@sluice/core/ledger/message.ts';
import { openLedger, type Ledger, type WriteResult } from '@sluice/core/ledger/repository.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import { PASSPORT, parsePassport } from '@sluice/core/evidence/passport.ts';
import { madeFrom } from '@sluice/core/registry/lineage.ts';
import { makingOf } from '@sluice/core/evidence/making.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { siteOpener, type Site } from '@sluice/core/mlflow/site.ts';
import { openStore } from '@sluice/core/store/index.ts';
import { requireIdentity } from '@sluice/core/evidence/signature/permission.ts';
import { collectCompanions, type Findings } from './companions.ts';
import { alreadyRegistered, dryRun, registered, type Report } from './conclude.ts';
import type { INPUTS, OUTPUTS, Reason } from './definition.ts';
import { gatherEvidence, type Evidence } from './evidence.ts';
import { readSettings, type Settings } from './inputs.ts';
import { lineageOf } from './lineage.ts';
import { prepareLoader } from './loader.ts';
import { registerNumbered, showExisting, type Exhibit, type Shown } from './mlflow.ts';
import { CARD, cardLink, modelCard } from './card.ts';
import { identify } from './model.ts';
import { companionsOf, signAndStore } from './storing.ts';

export type RegisterOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

/** Checks the evidence, signs and stores, then registers the version: an interruption leaves no version without bytes. */
export async function run(context: ActionContext<(typeof INPUTS)[number]>): Promise<RegisterOutcome> {
  const { env, log, signal } = context;
  const settings = await readSettings(context);
  const { model, registry } = settings;
  if (settings.attest && !settings.dryRun) requireIdentity(env);
  const loader = await prepareLoader(context, settings.modelPath, registry.mlmodel, settings.base);
  const site = siteOpener(registry.site, env, signal);
  const store = openStore(settings.store.uri, {
    base: settings.store.base,
    env,
    log,
    signal,
    encryption: settings.encryption,
    token: context.inputs['github-token'],
    site,
    additions: loader.additions,
  });
  const digest = await identify(settings.modelPath);
  log.info(`Model ${model}: sha256:${digest.sha256}, ${digest.files.length} file(s), ${digest.bytes} bytes.`);
  const evidence = await gatherEvidence(
    settings.evidencePath,
    { name: model, digest: digest.sha256 },
    settings.policy,
  );
  const collected = await collectCompanions(settings, evidence.bound);
  const ledger = await openLedger({
    directory: context.directory,
    token: context.inputs['github-token'],
    serverUrl: env['GITHUB_SERVER_URL'],
    signal,
    log,
  });
  const [commit, before] = await Promise.all([ledger.head(), ledger.read(model)]);
  for (const problem of before.problems) log.warning(problem);
  const card = cardOf(settings, digest.sha256, evidence, collected, commit, runUrl(env));
  const findings: Findings = {
    ...collected,
    files: new Map([...collected.files, [CARD, { text: card }]]),
  };
  const wish: RegisterWish = {
    commit,
    modelDigest: digest.sha256,
    passportDigest: evidence.passport.sha256,
    store: store.uri,
    metrics: compactJson(findings.metrics),
    madeFrom: madeFrom(parsePassport(evidence.passport.text), digest.sha256),
    metricsDigest: findings.metricsDigest,
    modelCard: cardLink(sha256(card)),
    actor: env['GITHUB_ACTOR'],
    run: runUrl(env),
    sluiceVersion: VERSION,
    version: settings.version,
  };
  const planned = planRegistration(before, wish, new Date());
  const report = { settings, store, digest, evidence, findings, wish, loader };
  const exhibit = registry.type === 'mlflow' ? exhibitOf(context, report, site()) : undefined;
  if (planned.kind === 'refused') throw refusal(planned) satisfies UserError<Reason>;
  if (planned.kind === 'nothing') {
    const shown =
      exhibit === undefined || settings.dryRun ? {} : await showExisting(exhibit, planned.version);
    const evidence = await store.companion(model, digest.sha256, PASSPORT);
    return { ...alreadyRegistered(report, before, planned, shown), evidence };
  }
  if (settings.dryRun) return dryRun(report, planned);
  const stored = await signAndStore(context, report);
  const { written, shown } = await register(ledger, before, stored.wish, exhibit);
  if (written.plan.kind === 'refused')
    throw new UserError<Reason>('superseded', written.plan.message, { decision: 'fail' });
  const outcome =
    written.plan.kind === 'nothing'
      ? alreadyRegistered(stored, written.state, written.plan, shown)
      : registered(stored, written.state, written.plan, shown);
  return { ...outcome, evidence: await store.companion(model, digest.sha256, PASSPORT) };
}

function cardOf(
  { model, card: said }: Settings,
  modelDigest: string,
  { passport, rows }: Evidence,
  { metrics, testSet }: Findings,
  commit: string,
  run: string | undefined,
): string {
  const making = makingOf(parsePassport(passport.text), modelDigest);
  const passportDigest = passport.sha256;
  return modelCard({
    model,
    said,
    metrics,
    testSet,
    making,
    evidence: rows,
    modelDigest,
    passportDigest,
    commit,
    run,
  });
}

/** Writes the ledger; where MLflow shows the versions, under the number that it gives. */
async function register(
  ledger: Ledger,
  before: ModelState,
  wish: RegisterWish,
  exhibit: Exhibit | undefined,
): Promise<{ readonly written: WriteResult; readonly shown: Shown }> {
  const write = (version: RegisterWish['version']): Promise<WriteResult> =>
    ledger.write(before.model, (now) => planRegistration(now, { ...wish, version }, new Date()));
  if (exhibit === undefined) return { written: await write(wish.version), shown: {} };
  return registerNumbered(exhibit, before, (version) => write({ exactly: version }));
}

/** What MLflow is to show of the model. */
function exhibitOf({ env, log }: ActionContext, report: Report, site: Site): Exhibit {
  const { settings, digest, evidence, findings, wish, loader } = report;
  const { commit, actor, run: url } = wish;
  return {
    site,
    material: {
      model: settings.model,
      digest: digest.sha256,
      modelPath: settings.modelPath,
      files: digest.files,
      additions: loader.additions,
      companions: companionsOf(findings, evidence),
    },
    content: {
      metrics: findings.metrics,
      ...lineageOf(parsePassport(evidence.passport.text), { commit, actor, runUrl: url, env }),
    },
    description: `Registered by Sluice from commit ${commit}; model digest sha256:${digest.sha256}.`,
    log,
  };
}

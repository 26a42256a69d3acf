import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError, type CommonReason } from '@sluice/core/action/errors.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import { runUrl } from '@sluice/core/action/run-url.ts';
import { VERSION } from '@sluice/core/action/version.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import { planRegistration, type RegisterWish } from '@sluice/core/ledger/registration.ts';
import { openLedger } from '@sluice/core/ledger/repository.ts';
import { openStore } from '@sluice/core/store/open.ts';
import type { Store } from '@sluice/core/store/store.ts';
import { collectCompanions, type Findings } from './companions.ts';
import { alreadyRegistered, dryRun, registered } from './conclude.ts';
import type { INPUTS, OUTPUTS, REASONS } from './definition.ts';
import { PASSPORT, gatherEvidence, storedPassport, type Evidence } from './evidence.ts';
import { readSettings, type Settings } from './inputs.ts';
import { identify } from './model.ts';

type Reason = keyof typeof REASONS | CommonReason;
export type RegisterOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

/** Checks the evidence, stores the bytes, then registers the version: an interruption leaves no version without bytes. */
export async function run(context: ActionContext<(typeof INPUTS)[number]>): Promise<RegisterOutcome> {
  const { env, log, signal } = context;
  const settings = await readSettings(context);
  const { model } = settings;
  const store = openStore(settings.store.uri, settings.store.base, signal);
  const digest = await identify(settings.modelPath);
  log.info(`Model ${model}: sha256:${digest.sha256}, ${digest.files.length} file(s), ${digest.bytes} bytes.`);
  const evidence = await gatherEvidence(settings.evidencePath, {
    name: settings.model,
    digest: digest.sha256,
  });
  const findings = await collectCompanions(settings);
  const ledger = await openLedger({
    directory: context.directory,
    token: context.inputs['github-token'],
    serverUrl: env['GITHUB_SERVER_URL'],
    signal,
    log,
  });
  const wish: RegisterWish = {
    commit: await ledger.head(),
    modelDigest: digest.sha256,
    passportDigest: evidence.passport.sha256,
    store: store.uri,
    metrics: compactMetrics(findings.metrics),
    actor: env['GITHUB_ACTOR'],
    run: runUrl(env),
    sluiceVersion: VERSION,
    version: settings.version,
  };
  const before = await ledger.read(model);
  for (const problem of before.problems) log.warning(problem);
  const planned = planRegistration(before, wish, new Date());
  const report = { settings, store, digest, evidence, findings, wish };
  if (planned.kind === 'refused') throw refusal(planned);
  if (planned.kind === 'nothing') {
    const evidence = await store.companion(model, digest.sha256, PASSPORT);
    return { ...alreadyRegistered(report, before, planned), evidence };
  }
  if (settings.dryRun) return dryRun(report, planned);
  const passport = await storeModel(settings, store, digest.sha256, evidence, findings);
  log.info(`Stored in ${store.uri}. Writing the ledger.`);
  const actual = { ...wish, passportDigest: passport };
  const { plan, state } = await ledger.write(model, (now) => planRegistration(now, actual, new Date()));
  if (plan.kind === 'refused') throw new UserError('superseded', plan.message, { decision: 'fail' });
  const done = { ...report, wish: actual };
  const outcome =
    plan.kind === 'nothing' ? alreadyRegistered(done, state, plan) : registered(done, state, plan);
  return { ...outcome, evidence: await store.companion(model, digest.sha256, PASSPORT) };
}

/** Stores the bytes and returns the sha256 of the passport beside them. */
async function storeModel(
  { model, modelPath }: Settings,
  store: Store,
  digest: string,
  { passport }: Evidence,
  findings: Findings,
): Promise<string> {
  const companions = new Map([...findings.files, [PASSPORT, { text: passport.text }]]);
  const { created } = await store.put(model, digest, modelPath, companions);
  return created ? passport.sha256 : (await storedPassport(store, model, digest)).sha256;
}

function refusal(plan: Extract<Plan, { kind: 'refused' }>): UserError {
  return new UserError(plan.reason, plan.message, { decision: 'fail' });
}

const TRAILER_METRICS = 20;

/** The first metrics by name; all of them are in metrics.json beside the model. */
function compactMetrics(metrics: Readonly<Record<string, number>>): string | undefined {
  const entries = Object.entries(metrics).slice(0, TRAILER_METRICS);
  return entries.length === 0 ? undefined : JSON.stringify(Object.fromEntries(entries));
}

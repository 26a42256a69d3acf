import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { runUrl } from '@sluice/core/action/run-url.ts';
import { VERSION } from '@sluice/core/action/version.ts';
import { refusal } from '@sluice/core/ledger/plan.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import { planRegistration, type RegisterWish } from '@sluice/core/ledger/registration.ts';
import { warnOfProblems } from '@sluice/core/ledger/problems.ts';
import { openLedger, type Ledger, type WriteResult } from '@sluice/core/ledger/repository.ts';
import { PASSPORT, parsePassport } from '@sluice/core/evidence/passport.ts';
import { madeFrom } from '@sluice/core/registry/lineage.ts';
import { makingOf } from '@sluice/core/evidence/making.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { testSetText } from '@sluice/core/gate/test-set-identity.ts';
import { siteOpener } from '@sluice/core/mlflow/site.ts';
import { registryOf } from '@sluice/core/registry/index.ts';
import type { Exhibit, RegistryKind, RegistryStep } from '@sluice/core/registry/registry.ts';
import { openStore } from '@sluice/core/store/index.ts';
import { writerOf } from '@sluice/core/evidence/writer.ts';
import { requireIdentity } from '@sluice/core/evidence/signature/permission.ts';
import { collectCompanions, type Findings } from './companions.ts';
import { alreadyRegistered, dryRun, registered, type RegisterOutcome } from './conclude.ts';
import type { Registration } from './registration.ts';
import type { INPUTS, Reason } from './definition.ts';
import { gatherEvidence, type Evidence } from '@sluice/core/evidence/gather.ts';
import { readSettings, type RegisterSettings } from './inputs.ts';
import { prepareLoader } from '@sluice/core/registry/mlflow/loader.ts';
import { CARD, cardLink, modelCard } from './card.ts';
import { recordGolden } from './golden.ts';
import { identify } from './model.ts';
import { bringBack, settle, type Settled } from './kept.ts';
import { companionsOf, signAndStore } from './storing.ts';

/** Where a version is written and shown. */
interface Tools {
  readonly kind: RegistryKind;
  readonly step: RegistryStep;
  readonly ledger: Ledger;
}

/** Checks the evidence, signs and stores, then registers the version: an interruption leaves no version without bytes. */
export async function run(context: ActionContext<(typeof INPUTS)[number]>): Promise<RegisterOutcome> {
  const { env, log, signal } = context;
  const settings = await readSettings(context);
  const { model, registry } = settings;
  if (settings.attest && !settings.dryRun) requireIdentity(env);
  const loader = await prepareLoader(context, settings.modelPath, registry.mlmodel, settings.base);
  const site = siteOpener(registry.site, env, signal);
  const storeStep = {
    env,
    log,
    signal,
    encryption: settings.encryption,
    token: context.inputs['github-token'],
    site,
    additions: loader.additions,
  };
  const store = openStore(settings.store.uri, { ...storeStep, base: settings.store.base });
  const digest = await identify(settings.modelPath);
  log.info(`Model ${model}: sha256:${digest.sha256}, ${digest.files.length} file(s), ${digest.bytes} bytes.`);
  const ledger = await openLedger({
    directory: context.directory,
    token: context.inputs['github-token'],
    serverUrl: env['GITHUB_SERVER_URL'],
    signal,
    log,
  });
  const commit = await ledger.head();
  const evidence = await gatherEvidence(
    context,
    settings.evidencePath,
    { name: model, digest: digest.sha256 },
    settings.policy,
    writerOf(env, commit),
  );
  const golden = await recordGolden(context, settings, digest.sha256);
  const collected = await collectCompanions(context, settings, evidence.bound, golden);
  const before = await ledger.read(model);
  warnOfProblems(before, log);
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
    metrics: findings.metrics,
    testSet: testSetText(findings.testSet),
    madeFrom: madeFrom(parsePassport(evidence.passport.text), digest.sha256),
    metricsDigest: findings.metricsDigest,
    predictions: findings.predictions,
    goldenDigest: golden?.sha256,
    modelCard: cardLink(sha256(card)),
    actor: env['GITHUB_ACTOR'],
    run: runUrl(env),
    sluiceVersion: VERSION,
    version: settings.version,
  };
  const kind = registryOf(registry.type);
  const step = { site, log };
  kind.requireAddress(step);
  const found = { settings, store, digest, evidence, findings, wish, loader };
  const settled = await settle(found, before, { ...storeStep, base: settings.base });
  return carryOut(context, settled, before, { kind, step, ledger });
}

/** Does what was planned, and shows the version in the registry. */
async function carryOut(
  context: ActionContext,
  { registration, planned, earlier }: Settled,
  before: ModelState,
  { kind, step, ledger }: Tools,
): Promise<RegisterOutcome> {
  const { settings } = registration;
  const exhibit = exhibitOf(registration, context.env);
  if (planned.kind === 'refused') throw refusal(planned) satisfies UserError<Reason>;
  if (planned.kind === 'nothing') {
    const restored =
      earlier?.kept.kind === 'missing'
        ? await bringBack(context, registration, earlier.record, earlier.kept)
        : undefined;
    const shown = settings.dryRun ? {} : await kind.show(step, exhibit, planned.version);
    const outcome = alreadyRegistered(registration, before, planned, shown, restored);
    return { ...outcome, evidence: await passportPath(registration, before, planned.version) };
  }
  if (settings.dryRun) return dryRun(registration, planned);
  const stored = await signAndStore(context, registration);
  const write = (version?: string): Promise<WriteResult> => {
    const wanted = version === undefined ? stored.wish : { ...stored.wish, version: { exactly: version } };
    return ledger.write(settings.model, (now) => planRegistration(now, wanted, new Date()));
  };
  const { written, shown } = await kind.register(step, exhibit, before, write);
  if (written.plan.kind === 'refused')
    throw new UserError<Reason>('superseded', written.plan.message, { decision: 'fail' });
  const outcome =
    written.plan.kind === 'nothing'
      ? alreadyRegistered(stored, written.state, written.plan, shown)
      : registered(stored, written.state, written.plan, shown, earlier);
  return { ...outcome, evidence: await passportPath(stored, written.state, written.plan.version) };
}

/** A local copy of the passport that the tag of a version names. */
function passportPath(
  { store, settings, digest }: Registration,
  { versions }: ModelState,
  version: string,
): Promise<string | undefined> {
  const sha256 = versions.find((record) => record.version === version)?.passportDigest;
  return store.companion(settings.model, digest.sha256, { name: PASSPORT, sha256 });
}

function cardOf(
  { model, card: said }: RegisterSettings,
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
    testSet: testSet.sha256,
    making,
    evidence: rows,
    modelDigest,
    passportDigest,
    commit,
    run,
  });
}

/** What the registry is to show of the model. */
function exhibitOf(registration: Registration, env: Exhibit['circumstances']['env']): Exhibit {
  const { settings, digest, evidence, findings, wish, loader } = registration;
  return {
    model: settings.model,
    digest: digest.sha256,
    modelPath: settings.modelPath,
    files: digest.files,
    companions: companionsOf(findings, evidence),
    loader,
    metrics: findings.metrics,
    statements: parsePassport(evidence.passport.text),
    circumstances: { commit: wish.commit, actor: wish.actor, runUrl: wish.run, env },
  };
}

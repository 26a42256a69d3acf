import type { ModelDigest } from '@sluice/core/digest/model.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import type { RegisterWish } from '@sluice/core/ledger/registration.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import { parsePassport } from '@sluice/core/evidence/passport.ts';
import { lineage, type Lineage } from '@sluice/core/registry/lineage.ts';
import { BEHIND } from '@sluice/core/registry/mlflow/projection.ts';
import type { PutResult, Store } from '@sluice/core/store/store.ts';
import type { Signed } from './attestation.ts';
import type { Findings } from './companions.ts';
import type { Evidence } from './evidence.ts';
import type { Settings } from './inputs.ts';
import type { Loader } from './loader.ts';
import type { Shown } from './mlflow.ts';
import { renderSummary } from './report.ts';
import type { Result } from './result.ts';
import type { RegisterOutcome } from './run.ts';

/** Everything the run found out. */
export interface Report {
  readonly settings: Settings;
  readonly store: Store;
  readonly digest: ModelDigest;
  readonly evidence: Evidence;
  readonly findings: Findings;
  readonly wish: RegisterWish;
  readonly loader: Loader;
  /** Set once it was signed by this run. */
  readonly signed?: Signed | undefined;
  /** Versions of the objects that were stored, where the store keeps versions. */
  readonly versionIds?: PutResult['versionIds'];
}

type Write = Extract<Plan, { kind: 'write' }>;
type Nothing = Extract<Plan, { kind: 'nothing' }>;

/** A version with these bytes was there before. */
export function alreadyRegistered(
  report: Report,
  state: ModelState,
  plan: Nothing,
  shown: Shown,
): RegisterOutcome {
  const record = state.versions.find((v) => v.version === plan.version);
  return conclude(report, {
    version: plan.version,
    tag: record?.tag ?? '',
    commit: record?.commit ?? '',
    store: record?.store ?? report.store.uri,
    passportDigest: record?.passportDigest,
    attestationDigest: record?.attestationDigest,
    created: false,
    reason: 'already-registered',
    message: plan.message,
    unsigned:
      report.settings.attest && record?.attestationDigest === undefined
        ? `It was registered without a signature, so deploy refuses it where evidence.attest is true. To sign these bytes, deregister ${plan.version}, remove their folder from the store and run again.`
        : undefined,
    lineage: lineageIn(state, plan.version, report),
    shown,
  });
}

/** Nothing was written; this is what would have been. */
export function dryRun(report: Report, plan: Write): RegisterOutcome {
  const tag = plan.tags[0];
  const numbered = report.settings.registry.type === 'mlflow';
  return conclude(report, {
    version: plan.version,
    tag: tag?.name ?? '',
    commit: report.wish.commit,
    store: report.store.uri,
    passportDigest: report.wish.passportDigest,
    created: false,
    reason: 'ok',
    message: `Dry run: ${report.settings.model} would be registered as ${plan.version}${numbered ? ', or as a later one when MLflow has counted further' : ''}. Nothing was written.`,
    planned: tag?.message,
    shown: {},
  });
}

/** The version was written. */
export function registered(report: Report, state: ModelState, plan: Write, shown: Shown): RegisterOutcome {
  const record = state.versions.find((v) => v.version === plan.version);
  const { leftOut } = report.findings;
  const what = `${report.settings.model} is registered as ${plan.version}.`;
  return conclude(report, {
    version: plan.version,
    tag: record?.tag ?? '',
    commit: record?.commit ?? '',
    store: report.store.uri,
    passportDigest: report.wish.passportDigest,
    attestationDigest: report.wish.attestationDigest,
    created: true,
    reason: leftOut.length === 0 ? 'ok' : 'metrics-left-out',
    message: leftOut.length === 0 ? what : `${what} Not stored with it: ${leftOut.join(' ')}`,
    lineage: lineageIn(state, plan.version, report),
    shown,
  });
}

/** What came out, for outputs, result and summary alike. */
export interface Conclusion {
  readonly version: string;
  readonly tag: string;
  readonly commit: string;
  /** URI of the store root. */
  readonly store: string;
  readonly passportDigest: string | undefined;
  /** Absent where the version is not signed. */
  readonly attestationDigest?: string | undefined;
  readonly created: boolean;
  readonly reason: 'ok' | 'already-registered' | 'metrics-left-out';
  readonly message: string;
  /** Why a version is not signed that should be, one or two sentences. */
  readonly unsigned?: string | undefined;
  /** Message of the tag that a dry run would have written. */
  readonly planned?: string | undefined;
  /** Absent when nothing was written. */
  readonly lineage?: Lineage | undefined;
  readonly shown: Shown;
}

function lineageIn(state: ModelState, version: string, { evidence }: Report): Lineage | undefined {
  return lineage(state, version, parsePassport(evidence.passport.text));
}

function conclude(report: Report, conclusion: Conclusion): RegisterOutcome {
  const { settings, digest, findings, evidence } = report;
  const { version, tag, created, passportDigest, attestationDigest, shown } = conclusion;
  const uri = `${conclusion.store}/${settings.model}/sha256/${digest.sha256}`;
  const result: Result = {
    version,
    tag,
    'model-digest': digest.sha256,
    ...(passportDigest === undefined ? {} : { 'passport-digest': passportDigest }),
    ...(attestationDigest === undefined ? {} : { attestation: attestationOf(report, attestationDigest) }),
    created,
    uri,
    metrics: findings.metrics,
    evidence: [...evidence.rows],
    ...(shown.mlflow === undefined ? {} : { mlflow: shown.mlflow }),
    ...shortVersionIds(report.versionIds),
  };
  const further = [conclusion.unsigned, shown.behind].filter((sentence) => sentence !== undefined);
  return {
    decision: further.length > 0 || conclusion.reason === 'metrics-left-out' ? 'warn' : 'pass',
    reasonCode: shown.behind === undefined ? conclusion.reason : BEHIND,
    message: [conclusion.message, ...further].join(' '),
    model: settings.model,
    outputs: { version, tag, 'model-digest': digest.sha256, created, uri },
    result,
    summary: renderSummary(report, conclusion, uri),
  };
}

function attestationOf({ signed }: Report, digest: string): NonNullable<Result['attestation']> {
  if (signed === undefined) return { digest };
  const { page, logIndex } = signed;
  return { digest, page, ...(logIndex === undefined ? {} : { 'log-index': logIndex }) };
}

/** More than that is left out: the runner takes a megabyte of outputs, and entry.json in the store has all of them. */
const MOST_VERSION_IDS = 1000;

function shortVersionIds(ids: Report['versionIds']): Pick<Result, 'version-ids'> {
  if (ids === undefined || ids.size === 0 || ids.size > MOST_VERSION_IDS) return {};
  return { 'version-ids': Object.fromEntries(ids) };
}

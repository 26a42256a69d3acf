import type { Outcome } from '@sluice/core/action/outcome.ts';
import { parsePassport } from '@sluice/core/evidence/passport.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import { formerVersions } from '@sluice/core/ledger/retired.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { registryOf } from '@sluice/core/registry/index.ts';
import { lineage, type Lineage } from '@sluice/core/registry/lineage.ts';
import { BEHIND, type Shown } from '@sluice/core/registry/registry.ts';
import type { OUTPUTS, Reason } from './definition.ts';
import type { Kept, Settled } from './kept.ts';
import type { RegisteredVersion, Registration } from './registration.ts';
import type { Result } from './result.ts';
import { summaryOf } from './summary.ts';

export type RegisterOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

type Write = Extract<Plan, { kind: 'write' }>;
type Nothing = Extract<Plan, { kind: 'nothing' }>;

/** A version with these bytes was there before. */
export function alreadyRegistered(
  registration: Registration,
  state: ModelState,
  plan: Nothing,
  shown: Shown,
  restored?: string,
): RegisterOutcome {
  const record = state.versions.find((v) => v.version === plan.version);
  return conclude(registration, {
    version: plan.version,
    tag: record?.tag ?? '',
    commit: record?.commit ?? '',
    store: record?.store ?? registration.store.uri,
    passportDigest: record?.passportDigest,
    attestationDigest: record?.attestationDigest,
    created: false,
    reason: restored === undefined ? 'already-registered' : 'restored',
    verdict:
      restored === undefined || registration.settings.dryRun
        ? 'is registered already'
        : 'is registered already, and was brought back',
    message: restored === undefined ? plan.message : `${plan.message} ${restored}`,
    unsigned:
      registration.settings.attest && record?.attestationDigest === undefined
        ? `It was registered without a signature, so deploy refuses it where evidence.attest is true. To sign these bytes, deregister ${plan.version} and run again.`
        : undefined,
    lineage: lineageIn(state, plan.version, registration),
    shown,
  });
}

/** Nothing was written; this is what would have been. */
export function dryRun(registration: Registration, plan: Write): RegisterOutcome {
  const tag = plan.tags[0];
  const { model, registry } = registration.settings;
  const { counts } = registryOf(registry.type);
  return conclude(registration, {
    version: plan.version,
    tag: tag?.name ?? '',
    commit: registration.wish.commit,
    store: registration.store.uri,
    passportDigest: registration.wish.passportDigest,
    created: false,
    reason: 'ok',
    verdict: 'would be registered',
    message: `Dry run: ${model} ${plan.version} would be registered${counts === undefined ? '' : `, ${counts.later}`}. Nothing was written.`,
    planned: tag?.message,
    shown: {},
  });
}

/** The version was written. */
export function registered(
  registration: Registration,
  state: ModelState,
  plan: Write,
  shown: Shown,
  earlier?: Settled['earlier'],
): RegisterOutcome {
  const record = state.versions.find((v) => v.version === plan.version);
  const { leftOut } = registration.findings;
  const lost = earlier?.kept.kind === 'lost' ? lostSentence(earlier.record, earlier.kept) : '';
  const former = formerVersions(state, registration.digest.sha256);
  const again = former.length === 0 ? '' : ` Its bytes were registered before: as ${former.join('; as ')}.`;
  const what = `${registration.settings.model} ${plan.version} is registered.${again}${lost}`;
  return conclude(registration, {
    version: plan.version,
    tag: record?.tag ?? '',
    commit: record?.commit ?? '',
    store: registration.store.uri,
    passportDigest: registration.wish.passportDigest,
    attestationDigest: registration.wish.attestationDigest,
    created: true,
    reason:
      leftOut.length > 0
        ? 'metrics-left-out'
        : former.length > 0
          ? 'retired-bytes'
          : lost === ''
            ? 'ok'
            : 'restored',
    verdict: 'is registered',
    message: leftOut.length === 0 ? what : `${what} Not stored with it: ${leftOut.join(' ')}`,
    lineage: lineageIn(state, plan.version, registration),
    shown,
  });
}

function lostSentence(
  { version }: VersionRecord,
  { what, where }: Extract<Kept, { readonly kind: 'lost' }>,
): string {
  return ` ${version} has the same bytes, but can neither be deployed nor compared with any more: its ${what} is not in ${where}. Find out what removed it.`;
}

function lineageIn(state: ModelState, version: string, { evidence }: Registration): Lineage | undefined {
  return lineage(state, version, parsePassport(evidence.passport.text));
}

function conclude(registration: Registration, conclusion: RegisteredVersion): RegisterOutcome {
  const { settings, digest, findings, evidence } = registration;
  const { version, tag, created, passportDigest, attestationDigest, shown } = conclusion;
  const uri = `${conclusion.store}/${settings.model}/sha256/${digest.sha256}`;
  const result: Result = {
    version,
    tag,
    'model-digest': digest.sha256,
    ...(passportDigest === undefined ? {} : { 'passport-digest': passportDigest }),
    ...(attestationDigest === undefined
      ? {}
      : { attestation: attestationOf(registration, attestationDigest) }),
    created,
    uri,
    ...goldenOf(findings, conclusion),
    metrics: findings.metrics,
    evidence: [...evidence.rows],
    ...shown.entry,
    ...shortVersionIds(registration.versionIds),
  };
  const { shortLived: vanishing } = settings.store;
  const further = [conclusion.unsigned, vanishing, shown.behind].filter((sentence) => sentence !== undefined);
  return {
    decision: further.length > 0 || WARNINGS.includes(conclusion.reason) ? 'warn' : 'pass',
    reasonCode:
      shown.behind !== undefined ? BEHIND : vanishing === undefined ? conclusion.reason : 'short-lived-store',
    message: [conclusion.message, ...further].join(' '),
    model: settings.model,
    outputs: { version, tag, 'model-digest': digest.sha256, created, uri },
    result,
    summary: summaryOf(registration, conclusion, uri),
  };
}

const WARNINGS: readonly RegisteredVersion['reason'][] = ['metrics-left-out', 'retired-bytes', 'restored'];

/** What this run recorded, where it belongs to the version. */
function goldenOf(
  { golden }: Registration['findings'],
  { created, planned }: RegisteredVersion,
): Pick<Result, 'golden'> {
  if (golden === undefined || (!created && planned === undefined)) return {};
  return { golden: { requests: golden.requests, digest: golden.sha256 } };
}

function attestationOf({ signed }: Registration, digest: string): NonNullable<Result['attestation']> {
  if (signed === undefined) return { digest };
  const { page, logIndex } = signed;
  return { digest, page, ...(logIndex === undefined ? {} : { 'log-index': logIndex }) };
}

/** More than that is left out: the runner takes a megabyte of outputs, and entry.json in the store has all of them. */
const MOST_VERSION_IDS = 1000;

function shortVersionIds(ids: Registration['versionIds']): Pick<Result, 'version-ids'> {
  if (ids === undefined || ids.size === 0 || ids.size > MOST_VERSION_IDS) return {};
  return { 'version-ids': Object.fromEntries(ids) };
}

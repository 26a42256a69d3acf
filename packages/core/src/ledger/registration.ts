import { formatTag } from './grammar.ts';
import { formatMessage } from './message.ts';
import { nextTime, type Origin, type Plan, type PlannedTag } from './plan.ts';
import type { ModelState } from './state.ts';
import { nextVersion, type Bump } from './versions.ts';

export interface RegisterWish extends Origin {
  /** The commit that the model was made from. */
  readonly commit: string;
  readonly modelDigest: string;
  readonly passportDigest: string;
  /** sha256 (hex) of the signed statement beside the bytes. */
  readonly attestationDigest?: string | undefined;
  /** URI of the store root. */
  readonly store: string;
  /** Compact JSON. */
  readonly metrics?: string | undefined;
  /** sha256 (hex) of `metrics.json` beside the bytes. */
  readonly metricsDigest?: string | undefined;
  /** Name of the model card beside the bytes, and its sha256. */
  readonly modelCard?: string | undefined;
  /** What the model was made from; each is one line. */
  readonly madeFrom?: MadeFrom | undefined;
  readonly sluiceVersion: string;
  /** An explicit version, or which part counts up. */
  readonly version: { readonly exactly: string } | { readonly bump: Bump };
}

/** What a tag says about where a model comes from; what is not known is absent. */
export interface MadeFrom {
  /** Commit that was checked out when the model was trained. */
  readonly code?: string | undefined;
  /** Compact JSON, as the others: names to digests or values. */
  readonly data?: string | undefined;
  readonly parameters?: string | undefined;
  readonly environment?: string | undefined;
}

/** Registers a model's bytes as a version; the same bytes again are nothing new. */
export function planRegistration(state: ModelState, wish: RegisterWish, now: Date): Plan<'version-exists'> {
  const same = state.versions.find((v) => v.active && v.modelDigest === wish.modelDigest);
  if (same !== undefined) {
    return {
      kind: 'nothing',
      version: same.version,
      message: `${state.model} ${same.version} already has exactly these bytes.`,
    };
  }
  const taken = [...state.takenVersions];
  const version = 'exactly' in wish.version ? wish.version.exactly : nextVersion(taken, wish.version.bump);
  if (state.takenVersions.has(version)) {
    const existing = state.versions.find((v) => v.version === version);
    return {
      kind: 'refused',
      reason: 'version-exists',
      message: `${state.model} ${version} exists already, with other bytes (sha256:${existing?.modelDigest ?? ' unknown'}). Versions are never replaced; choose another one, such as ${nextVersion(taken, 'major')}, or leave 'version' empty.`,
    };
  }
  const occupied = state.occupied.has(wish.commit);
  const message = formatMessage(`${state.model} ${version} was registered.`, [
    ['Model-Digest', `sha256:${wish.modelDigest}`],
    ['Passport-Digest', `sha256:${wish.passportDigest}`],
    ['Attestation-Digest', sha256Of(wish.attestationDigest)],
    ['Store', wish.store],
    ['Metrics', wish.metrics],
    ['Metrics-Digest', sha256Of(wish.metricsDigest)],
    ['Model-Card', wish.modelCard],
    ['Code', wish.madeFrom?.code],
    ['Data', wish.madeFrom?.data],
    ['Parameters', wish.madeFrom?.parameters],
    ['Environment', wish.madeFrom?.environment],
    ['Actor', wish.actor],
    ['Run', wish.run],
    ['Sluice-Version', wish.sluiceVersion],
  ]);
  const tag: PlannedTag = {
    name: formatTag({ model: state.model, kind: 'registration', version }),
    target: { kind: occupied ? 'child-of' : 'commit', commit: wish.commit },
    time: nextTime(state, now),
    message,
  };
  return { kind: 'write', version, tags: [tag] };
}

const sha256Of = (digest: string | undefined): string | undefined =>
  digest === undefined ? undefined : `sha256:${digest}`;

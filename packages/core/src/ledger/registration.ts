import { formatTag } from './grammar.ts';
import { compactJson, formatMessage, type CompactList } from './message.ts';
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
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** sha256 (hex) of `metrics.json` beside the bytes. */
  readonly metricsDigest?: string | undefined;
  /** What the numbers were measured on: `sha256:` and hex, DVC's `md5:`, or both with a space between. */
  readonly testSet?: string | undefined;
  /** Name of the predictions beside the bytes, and their sha256. */
  readonly predictions?: string | undefined;
  /** sha256 (hex) of `golden.jsonl` beside the bytes. */
  readonly goldenDigest?: string | undefined;
  /** Name of the model card beside the bytes, and its sha256. */
  readonly modelCard?: string | undefined;
  /** What the model was made from. */
  readonly madeFrom?: MadeFrom | undefined;
  readonly sluiceVersion: string;
  /** An explicit version, or which part counts up. */
  readonly version: { readonly exactly: string } | { readonly bump: Bump };
  /** Versions that do not count as having these bytes, because what belongs to them is lost. */
  readonly unusable?: ReadonlySet<string> | undefined;
}

/** What a tag says about where a model comes from; what is not known is absent. */
export interface MadeFrom {
  /** Commit that was checked out when the model was trained. */
  readonly code?: string | undefined;
  /** Names to digests, or to values, as text. */
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** Trailers that hold the beginning of a list. */
export const LISTS = ['Metrics', 'Data', 'Parameters', 'Environment'] as const;
export type ListKey = (typeof LISTS)[number];

/** Registers a model's bytes as a version; the same bytes again are nothing new. */
export function planRegistration(state: ModelState, wish: RegisterWish, now: Date): Plan<'version-exists'> {
  const same = state.versions.find(
    (v) => v.active && v.modelDigest === wish.modelDigest && wish.unusable?.has(v.version) !== true,
  );
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
      message: `${state.model} ${version} ${existing === undefined ? 'existed before, and its tag is gone' : `exists already, with other bytes (sha256:${existing.modelDigest ?? ' unknown'})`}. Versions are never replaced; choose another one, such as ${nextVersion(taken, 'major')}, or leave 'version' empty.`,
    };
  }
  const occupied = state.occupied.has(wish.commit);
  const lists = listsOf(wish);
  const message = formatMessage(`${state.model} ${version} was registered.`, [
    ['Model-Digest', `sha256:${wish.modelDigest}`],
    ['Passport-Digest', `sha256:${wish.passportDigest}`],
    ['Attestation-Digest', sha256Of(wish.attestationDigest)],
    ['Store', wish.store],
    ['Metrics', lists.Metrics.text],
    ['Metrics-Digest', sha256Of(wish.metricsDigest)],
    ['Test-Set', wish.testSet],
    ['Predictions', wish.predictions],
    ['Golden-Digest', sha256Of(wish.goldenDigest)],
    ['Model-Card', wish.modelCard],
    ['Code', wish.madeFrom?.code],
    ['Data', lists.Data.text],
    ['Parameters', lists.Parameters.text],
    ['Environment', lists.Environment.text],
    ['Left-Out', leftOutOf(lists)],
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

function listsOf({ metrics = {}, madeFrom }: RegisterWish): Readonly<Record<ListKey, CompactList>> {
  return {
    Metrics: compactJson(metrics),
    Data: compactJson(madeFrom?.data ?? {}),
    Parameters: compactJson(madeFrom?.parameters ?? {}),
    Environment: compactJson(madeFrom?.environment ?? {}),
  };
}

/** How many entries each list is short of; undefined where all are whole. */
function leftOutOf(lists: Readonly<Record<ListKey, CompactList>>): string | undefined {
  const short = LISTS.filter((key) => lists[key].leftOut > 0).map((key) => [key, lists[key].leftOut]);
  return short.length === 0 ? undefined : JSON.stringify(Object.fromEntries(short));
}

const sha256Of = (digest: string | undefined): string | undefined =>
  digest === undefined ? undefined : `sha256:${digest}`;

import { readFile, stat } from 'node:fs/promises';
import { UserError, isUserError } from '../action/errors.ts';
import { LIMITS, type TextLimit } from '../action/limits.ts';
import { sha256, sha256File } from '../digest/files.ts';
import {
  GATE_RECORD,
  boundFiles,
  checkFile,
  isPredictions,
  type BoundFiles,
} from '../evidence/bound-files.ts';
import { PASSPORT } from '../evidence/passport.ts';
import { openPassport } from '../evidence/verify.ts';
import type { IdentifiedVersion, VersionRecord } from '../ledger/state.ts';
import { requireBytes } from '../registry/stores.ts';
import type { ReadableStore } from '../store/store.ts';

/** A registered version whose bytes are in a store. */
export interface StoredVersion {
  readonly store: ReadableStore;
  readonly model: string;
  readonly digest: string;
  readonly record: IdentifiedVersion;
}

/** What lies beside a stored model and is read only when it is what was vouched for. */
export interface StoredFiles {
  /** Text of the gate's record, undefined when there is none. */
  record(): Promise<string | undefined>;
  /** Text of metrics.json, undefined when there is none. */
  metrics(): Promise<string | undefined>;
  /** What the predictions are called; undefined when there are none. */
  predictionsName(): Promise<string | undefined>;
  /** Path of a local copy of the predictions of this name. */
  predictions(name: string): Promise<string | undefined>;
}

/** Opens what lies beside a version. Each file read throws `evidence-mismatch` when it is not what the tag reaches. */
export function storedFiles(version: StoredVersion): StoredFiles {
  const { store, model, digest, record } = version;
  const companion = (name: string, sha256: string | undefined): Promise<string | undefined> =>
    store.companion(model, digest, { name, sha256 });
  let bound: Promise<BoundFiles> | undefined;
  const vouched = (): Promise<BoundFiles> => (bound ??= readBound(version));
  return {
    async record() {
      const known = record.passportDigest === undefined ? new Set<string>() : (await vouched()).record;
      for (const sha256 of known) {
        const file = await companion(GATE_RECORD, sha256);
        if (file !== undefined)
          return checkedText(record, { name: GATE_RECORD, file, limit: LIMITS.records }, known);
      }
      return undefined;
    },
    async metrics() {
      const { metricsDigest } = record;
      if (metricsDigest === undefined) return undefined;
      const file = await companion('metrics.json', metricsDigest);
      if (file !== undefined)
        return checkedText(
          record,
          { name: 'metrics.json', file, limit: LIMITS.metrics },
          new Set([metricsDigest]),
        );
      throw mismatch(record, `metrics.json is not in ${store.uri}, but tag ${record.tag} names it.`);
    },
    predictionsName: async () =>
      record.predictions?.name ?? (await store.unnamed(model, digest)).find(isPredictions),
    async predictions(name) {
      const { predictions } = record;
      const file = await companion(name, predictions?.sha256);
      if (file === undefined) return undefined;
      await requireSize(record, { name, file, limit: { bytes: LIMITS.predictions.textBytes } });
      const { predictions: known } = await vouched();
      const allowed = predictions === undefined ? known : onlyNamed(known, predictions.sha256);
      requireVouched(record, name, await sha256File(file), allowed);
      return file;
    },
  };
}

/** What the tag names counts, and nothing else that was vouched for. */
function onlyNamed(known: ReadonlySet<string>, sha256: string): ReadonlySet<string> {
  return new Set(known.has(sha256) ? [sha256] : []);
}

/** What the passport vouches for, which the tag has to name. */
async function readBound({ store, model, digest, record }: StoredVersion): Promise<BoundFiles> {
  const file = await store.companion(model, digest, { name: PASSPORT, sha256: record.passportDigest });
  if (file === undefined) await requireBaseline(store, model, record);
  const opened = openPassport(
    record,
    file === undefined ? undefined : await readWhole(record, { name: PASSPORT, file, limit: LIMITS.records }),
    file ?? `${store.uri}/${model}/sha256/${digest}/${PASSPORT}`,
  );
  if (opened.kind === 'problem') throw mismatch(record, opened.problem.message);
  return boundFiles(opened.statements, { name: model, digest });
}

/** Where nothing of the baseline is, what to do about it is not what to do about a lost file. */
async function requireBaseline(
  store: ReadableStore,
  model: string,
  record: IdentifiedVersion,
): Promise<void> {
  try {
    await requireBytes(store, model, record);
  } catch (error) {
    if (!isUserError(error)) throw error;
    if (error.reasonCode !== 'missing-file' && error.reasonCode !== 'evidence-mismatch') throw error;
    const { version, tag } = record;
    throw new UserError<'missing-file' | 'evidence-mismatch'>(
      error.reasonCode,
      `There is nothing to compare with: ${version} is the baseline. ${error.message} To go on without it, choose another one in gate.baseline, or take the version out of use for good (docs/ledger.md#retire-a-version): git fetch origin --tags && git tag -m 'Its bytes are lost' '${tag}!' '${tag}^{}' && git push origin '${tag}!'`,
      { cause: error, decision: error.decision },
    );
  }
}

/** A copy of a file that lies beside a model, and how large it may be. */
interface Copy {
  readonly name: string;
  readonly file: string;
  readonly limit: Pick<TextLimit, 'bytes'>;
}

async function checkedText(record: VersionRecord, copy: Copy, allowed: ReadonlySet<string>): Promise<string> {
  const bytes = await readWhole(record, copy);
  requireVouched(record, copy.name, sha256(bytes), allowed);
  return bytes.toString('utf8');
}

async function readWhole(record: VersionRecord, copy: Copy): Promise<Buffer> {
  await requireSize(record, copy);
  return readFile(copy.file);
}

/** None that was registered is larger than what a gate reads. */
async function requireSize(record: VersionRecord, { name, file, limit }: Copy): Promise<void> {
  const { size } = await stat(file);
  if (size > limit.bytes)
    throw mismatch(record, `Its ${name} has ${size} bytes, and at most ${limit.bytes} are read.`);
}

function requireVouched(
  record: VersionRecord,
  name: string,
  digest: string,
  allowed: ReadonlySet<string>,
): void {
  const problem = checkFile(`The stored ${name} of ${record.version}`, digest, allowed);
  if (problem !== undefined) throw mismatch(record, problem.message);
}

function mismatch({ version }: VersionRecord, what: string): UserError {
  return new UserError(
    'evidence-mismatch',
    `The numbers of the baseline ${version} cannot be trusted. ${what} Restore it from a backup, register the model again, or choose another baseline.`,
    { decision: 'fail' },
  );
}

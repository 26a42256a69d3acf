import { readFile } from 'node:fs/promises';
import { UserError } from '../action/errors.ts';
import { sha256, sha256File } from '../digest/files.ts';
import { boundFiles, checkFile, type BoundFiles } from '../evidence/bound-files.ts';
import { PASSPORT } from '../evidence/passport.ts';
import { openPassport } from '../evidence/verify.ts';
import type { VersionRecord } from '../ledger/state.ts';
import type { Store } from '../store/store.ts';

/** A registered version whose bytes are in a store. */
export interface StoredVersion {
  readonly store: Store;
  readonly model: string;
  readonly digest: string;
  readonly record: VersionRecord;
}

/** What lies beside a stored model and is read only when it is what was vouched for. */
export interface StoredFiles {
  /** Text of the gate's record, undefined when there is none. */
  record(): Promise<string | undefined>;
  /** Text of metrics.json, undefined when there is none. */
  metrics(): Promise<string | undefined>;
  /** Path of a local copy of the predictions of this name. */
  predictions(name: string): Promise<string | undefined>;
}

/** Opens what lies beside a version. Each file read throws `evidence-mismatch` when it is not what the tag reaches. */
export function storedFiles(version: StoredVersion): StoredFiles {
  const { store, model, digest, record } = version;
  const companion = (name: string): Promise<string | undefined> => store.companion(model, digest, name);
  let bound: Promise<BoundFiles> | undefined;
  const vouched = (): Promise<BoundFiles> => (bound ??= readBound(version));
  return {
    async record() {
      const file = await companion('gate.json');
      if (file === undefined) return undefined;
      return checkedText(record, 'gate.json', file, (await vouched()).record);
    },
    async metrics() {
      const file = await companion('metrics.json');
      const { metricsDigest } = record;
      if (file !== undefined)
        return checkedText(record, 'metrics.json', file, new Set(metricsDigest ? [metricsDigest] : []));
      if (metricsDigest === undefined) return undefined;
      throw mismatch(record, `metrics.json is not in ${store.uri}, but tag ${record.tag} names it.`);
    },
    async predictions(name) {
      const file = await companion(name);
      if (file !== undefined)
        requireVouched(record, name, await sha256File(file), (await vouched()).predictions);
      return file;
    },
  };
}

/** What the passport vouches for, which the tag has to name. */
async function readBound({ store, model, digest, record }: StoredVersion): Promise<BoundFiles> {
  const file = await store.companion(model, digest, PASSPORT);
  const opened = openPassport(
    record,
    file === undefined ? undefined : await readFile(file),
    file ?? `${store.uri}/${model}/sha256/${digest}/${PASSPORT}`,
  );
  if (opened.kind === 'problem') throw mismatch(record, opened.problem.message);
  return boundFiles(opened.statements, { name: model, digest });
}

async function checkedText(
  record: VersionRecord,
  name: string,
  file: string,
  allowed: ReadonlySet<string>,
): Promise<string> {
  const bytes = await readFile(file);
  requireVouched(record, name, sha256(bytes), allowed);
  return bytes.toString('utf8');
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

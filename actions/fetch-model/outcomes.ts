import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { formerVersions } from '@sluice/core/ledger/retired.ts';
import { formatBytes } from '@sluice/core/transfer/progress.ts';
import type { FetchOutcome } from './definition.ts';
import type { FetchRequest } from './inputs.ts';
import type { Result } from './result.ts';
import { fetchSummary, type Fetched } from './summary.ts';

type Asked = Pick<FetchRequest, 'model' | 'wanted' | 'path'>;
type Known = VersionRecord & { readonly modelDigest: string };

/** The model lies in the folder; a warning when the ledger has something against the version. */
export function fetched(request: Asked, state: ModelState, record: Known, done: Fetched): FetchOutcome {
  const { model, wanted, path } = request;
  const { version, modelDigest } = record;
  const { modelPath, files, bytes, isNew, evidence } = done;
  const doubt = doubtAbout(state, record, wanted);
  const live = wanted.kind === 'live' ? ` It is live in ${wanted.environment}.` : '';
  const size = `${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`;
  const verdict = isNew ? `is in '${path}'` : `was in '${path}' already`;
  const message = `${model} ${version} ${verdict}: ${size}, whose digest and passport were verified.${live}`;
  const result: Result = {
    ...(wanted.kind === 'live' ? { environment: wanted.environment } : {}),
    version,
    'model-digest': modelDigest,
    path: modelPath,
    files,
    bytes,
  };
  return {
    decision: doubt === undefined ? 'pass' : 'warn',
    reasonCode: doubt?.reasonCode ?? (isNew ? 'ok' : 'already-there'),
    message: doubt === undefined ? message : `${message} ${doubt.message}`,
    model,
    outputs: { version, 'model-digest': modelDigest, path: modelPath },
    result,
    evidence: evidence.file,
    summary: fetchSummary(request, record, done, verdict),
  };
}

/** Why somebody should think twice, if they should. What is live was looked at when it was deployed. */
function doubtAbout(
  state: ModelState,
  record: Known,
  wanted: Asked['wanted'],
): { readonly reasonCode: 'quarantined' | 'deprecated'; readonly message: string } | undefined {
  const withdrawn = wanted.kind === 'live' ? [] : formerVersions(state, record.modelDigest);
  if (withdrawn.length > 0) {
    return {
      reasonCode: 'quarantined',
      message: `These are the bytes of ${withdrawn.join(', and of ')}. Fetch what is live (input 'environment'), or another version, unless you look for what was wrong with this one.`,
    };
  }
  if (!state.deprecated) return undefined;
  return {
    reasonCode: 'deprecated',
    message: `The ledger says that ${state.model} is deprecated: nobody maintains it any more. Use the model that took its place.`,
  };
}

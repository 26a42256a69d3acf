import * as path from 'node:path';
import { refuseLinks } from '@sluice/core/action/below.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import type { DataFile } from '@sluice/core/data/files.ts';
import { EVIDENCE_FOLDER, writeStatement } from '@sluice/core/evidence/statement.ts';
import { writerOf } from '@sluice/core/evidence/writer.ts';
import { findCheckedOut } from '@sluice/core/ledger/checked-out.ts';
import { withDataFolder } from '@sluice/core/pins/bring/folders.ts';
import { planCache, type CachePlan } from './cache-key.ts';
import { findCachePlace } from './open-cache.ts';
import type { OUTPUTS, Reason } from './definition.ts';
import { readSettings, type TrainContext } from './inputs.ts';
import { dependencyFiles, provenance, type Story } from './provenance.ts';
import { recordAfter, recordInputs, type Recorded } from './recorded.ts';
import { reproducedHow } from './reproduced.ts';
import type { Result } from './result.ts';
import { cacheSentence, isScheduled, restoredBecause, summaryOf, verdictOf } from './summary.ts';
import { bringTrackedData } from './tracked-data.ts';
import { restoreOrTrain, type Trained } from './train.ts';

/** The runner takes outputs of 1 MB in all; a longer list is cut, or replaced by one digest. */
const LONGEST_LIST = 1000;

export async function run(context: TrainContext): Promise<Outcome<Reason, (typeof OUTPUTS)[number]>> {
  const settings = await readSettings(context);
  // Before hours of training, not after them.
  await refuseLinks(context.directory, path.join(context.directory, EVIDENCE_FOLDER));
  await bringTrackedData(settings, context);
  const started = await recordInputs(settings, context);
  const plan = await planCache(settings, started, () => findCachePlace(context.env));
  if (plan.kind === 'off') context.log.info(`Cache: off, because ${plan.why}`);
  const trained = await restoreOrTrain(settings, started, plan, withDataFolder(context, started.s3));
  const { made, origin, hit, reproduced } = trained;
  const recorded = reproduced === undefined ? started : await recordAfter(started, settings, context);
  const story: Story = {
    settings,
    recorded,
    made,
    origin,
    ...(reproduced && { reproduced }),
    ...(hit && plan.kind === 'on' && { restored: plan.key }),
  };
  const cache = cacheResult(plan, trained);
  context.log.info(cacheSentence(cache));
  const verdict = verdictOf(story, hit, isScheduled(context.env));
  const message = messageOf(story, hit, context.env, verdict);
  return {
    decision: made.notNumeric.length === 0 ? 'pass' : 'warn',
    reasonCode: made.notNumeric.length === 0 ? 'ok' : 'not-a-number',
    message,
    model: settings.model,
    outputs: {
      'model-path': settings.outputs.model.absolute,
      'model-digest': made.model.sha256,
      metrics: settings.outputs.metrics?.absolute ?? '',
      predictions: settings.outputs.predictions?.absolute ?? '',
      'cache-hit': hit,
    },
    result: resultOf(story, cache),
    evidence: await writeStatement(
      context.directory,
      EVIDENCE_FOLDER,
      'train',
      provenance(story, context.env),
      writerOf(context.env, await findCheckedOut(context.directory)),
    ),
    summary: summaryOf(story, cache, verdict),
  };
}

function messageOf(
  { settings, made, origin, reproduced }: Story,
  hit: boolean,
  env: Readonly<NodeJS.ProcessEnv>,
  verdict: string,
): string {
  const headline = `${settings.model} ${verdict}`;
  const what = reproduced
    ? `${headline}${reproducedHow(reproduced, origin.seconds)}`
    : hit
      ? `${headline}: ${restoredBecause(origin, isScheduled(env))}`
      : `${headline}.`;
  if (made.notNumeric.length === 0) return what;
  return `${what} Metrics that are not numbers: ${made.notNumeric.map(({ message }) => message).join(' ')}`;
}

function cacheResult(plan: CachePlan, { hit, changed, beside }: Trained): NonNullable<Result['cache']> {
  if (plan.kind === 'off') return { hit, off: plan.why, parts: { ...plan.parts } };
  return {
    hit,
    key: plan.key,
    parts: { ...plan.parts },
    ...(changed && { changed: [...changed] }),
    ...(beside.length === 0 ? {} : { beside: beside.slice(0, LONGEST_LIST) }),
  };
}

function listedInputs(recorded: Recorded): NonNullable<Result['inputs']> {
  const { sources, data } = recorded;
  const sets = sources === undefined ? [] : [{ name: 'sources', digest: sources.digest }];
  const files = dependencyFiles(recorded).map(inputEntry);
  if (files.length <= LONGEST_LIST) return [...sets, ...files];
  const others = dependencyFiles({ ...recorded, data: undefined }).map(inputEntry);
  return [...sets, ...(data === undefined ? [] : [{ name: 'data', digest: data.digest }]), ...others];
}

function inputEntry({ path: name, sha256: digest, origin }: DataFile): NonNullable<Result['inputs']>[number] {
  if (origin === undefined) return { name, digest };
  const { uri, versionId } = origin;
  return { name, digest, uri, ...(versionId === undefined ? {} : { 'version-id': versionId }) };
}

function resultOf(
  { made, origin, recorded, reproduced }: Story,
  cache: NonNullable<Result['cache']>,
): Result {
  return {
    'model-digest': made.model.sha256,
    metrics: { ...made.metrics },
    ...(made.notNumeric.length === 0 ? {} : { 'not-numeric': [...made.notNumeric] }),
    cache,
    seconds: origin.seconds,
    ...(reproduced && {
      pipeline: { 'changed-stages': [...reproduced.changed], 'lock-changed': reproduced.lockChanged },
    }),
    inputs: listedInputs(recorded),
  };
}

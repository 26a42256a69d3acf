import { createHash } from 'node:crypto';
import { readSettings as trainSettings } from '../../actions/train/inputs.ts';
import { readSettings as registerSettings } from '../../actions/register-model/inputs.ts';
import { readRequest as deployRequest } from '../../actions/deploy/inputs.ts';
import { readRequest as rollbackRequest } from '../../actions/rollback/inputs.ts';
import { planAssignment } from '@sluice/core/ledger/assignment.ts';
import { deriveState } from '@sluice/core/ledger/derive-state.ts';
import { planRegistration } from '@sluice/core/ledger/registration.ts';
import { planRollback } from '@sluice/core/ledger/rollback.ts';
import { parseObjects, type ReadObjects } from '@sluice/core/ledger/tag-objects.ts';
import { versionMetrics } from '@sluice/core/ledger/version-metrics.ts';
import {
  CONTRACT,
  FORGE_ANSWERS,
  GATE_CONFIG,
  METRICS,
  MLFLOW_ANSWERS,
  PREDICTIONS,
  PROJECT_CONFIG,
  PROJECT_CONTRACT,
  PROJECT_GOLDEN,
  SERVER_ANSWERS,
  SMALL_GATE_CONFIG,
  TAG_MESSAGES,
} from './examples.ts';
import { judgeChain } from './chain.ts';
import { anyJson, mutateBytes, mutateJson, mutateText } from './mutate.ts';
import { parquetOf } from './parquet.ts';
import type { Random } from './random.ts';
import { askForge, askMlflow, askModelServer, type Answer } from './servers.ts';
import { Finding, contextIn, expectUserErrors, inFolder, judgeBuilt, judgeHere } from './step.ts';

/** One kind of input: how much of all inputs it is, and what is done with one. */
export interface Subject {
  readonly name: string;
  readonly share: number;
  readonly run: (random: Random) => Promise<void>;
}

/** As it is, once in a while, so that what is judged is judged; mostly with faults. */
const faulty = (text: string, random: Random): string => (random.once(10) ? text : mutateText(text, random));
const anyText = (example: string, random: Random): string =>
  random.once(12) ? JSON.stringify(anyJson(random)) : faulty(example, random);

const BASE = '{"auc": 0.8, "latency": 80, "accuracy": 0.8}';

async function settings(random: Random): Promise<void> {
  const text = anyText(random.pick([PROJECT_CONFIG, GATE_CONFIG]), random);
  const files = {
    'sluice.yaml': text,
    'train.py': '',
    'params.yaml': faulty('lr: 0.1\nlayers: [1, 2]\n', random),
    'out/model': 'weights',
    'tests/golden.jsonl': PROJECT_GOLDEN,
  };
  const inputs = { environment: 'production', reason: 'slow' };
  const readers = [trainSettings, registerSettings, deployRequest, rollbackRequest];
  await inFolder(files, (folder) => expectUserErrors(() => random.pick(readers)(contextIn(folder, inputs))));
}

async function gateSettings(random: Random): Promise<void> {
  const files = {
    'sluice.yaml': anyText(random.pick([GATE_CONFIG, SMALL_GATE_CONFIG]), random),
    'm.json': METRICS[0] as string,
    'base.json': BASE,
    'cases.txt': 'r1\nr2\n',
  };
  await judgeHere('evaluate-gate', files, { metrics: 'm.json' });
}

async function metrics(random: Random): Promise<void> {
  const files = {
    'sluice.yaml': SMALL_GATE_CONFIG,
    'm.json': anyText(random.pick(METRICS), random),
    'base.json': random.once(2) ? BASE : anyText(BASE, random),
  };
  await judgeHere('evaluate-gate', files, { metrics: 'm.json' });
}

let parquet: Promise<Buffer> | undefined;

/** The same predictions in one of the formats: as they are, and with faults. */
async function anyPredictions(random: Random): Promise<[string, string | Buffer, string | Buffer]> {
  if (random.once(4)) {
    const bytes = await (parquet ??= parquetOf(PREDICTIONS.csv));
    return ['parquet', bytes, random.once(10) ? bytes : mutateBytes(bytes, random)];
  }
  const [extension, text] = random.pick<[string, string]>(Object.entries(PREDICTIONS));
  return [extension, text, random.once(8) ? mutateBytes(Buffer.from(text), random) : faulty(text, random)];
}

async function predictions(random: Random): Promise<void> {
  const [extension, text, content] = await anyPredictions(random);
  const file = `p.${extension}`;
  const files = {
    'sluice.yaml': random.once(3) ? faulty(GATE_CONFIG, random) : GATE_CONFIG,
    [file]: content,
    [`b.${extension}`]: text,
    'm.json': '{"latency": 71}',
    'base.json': BASE,
    'cases.txt': faulty('r1\nr2\n', random),
  };
  const baseline = random.once(2) ? { 'baseline-predictions': `b.${extension}` } : {};
  await judgeHere('evaluate-gate', files, { predictions: file, metrics: 'm.json', ...baseline });
}

async function contracts(random: Random): Promise<void> {
  const contract = anyText(random.pick([CONTRACT, CONTRACT, PROJECT_CONTRACT]), random);
  const files = {
    'c.odcs.yaml': contract,
    'd.csv': random.once(3) ? faulty(PREDICTIONS.csv, random) : PREDICTIONS.csv,
  };
  await judgeHere('validate-data', files, { model: 'flights', contract: 'c.odcs.yaml', data: 'd.csv' });
}

const NAMES = [
  'flights@v1.0.0',
  'flights@v2.0.0',
  'flights#production#1',
  'flights#production#2',
  'flights#production!#3',
];

/** A tag as git keeps it, under the id of its bytes. */
function storedTag(random: Random): {
  readonly name: string;
  readonly object: string;
  readonly bytes: Buffer;
} {
  const name = random.once(6)
    ? mutateText(random.pick(NAMES), random).replaceAll(/\s/g, '')
    : random.pick(NAMES);
  const time = 1_700_000_000 + random.below(100);
  const head = `object ${'c'.repeat(40)}\ntype commit\ntag ${name}\ntagger Ada <a@b.c> ${time} +0000\n\n`;
  const message = random.pick(TAG_MESSAGES);
  const bytes = Buffer.from(
    random.once(4) ? mutateText(head + message, random) : head + faulty(message, random),
  );
  const object = createHash('sha1').update(`tag ${bytes.length}\0`).update(bytes).digest('hex');
  return { name, object, bytes };
}

async function tags(random: Random): Promise<void> {
  const listed = Array.from({ length: 1 + random.below(6) }, () => storedTag(random));
  const printed = listed.map(({ object, bytes }) =>
    Buffer.concat([Buffer.from(`${object} tag ${bytes.length}\n`), bytes, Buffer.from('\n')]),
  );
  await expectUserErrors(() => {
    const read: ReadObjects = { tags: [], forged: [] };
    parseObjects(listed, { format: 'sha1', now: new Date() }, read)(Buffer.concat(printed));
    if (read.tags.length !== listed.length)
      throw new Finding(`${read.tags.length} of ${listed.length} tags were read`);
    const state = deriveState('flights', read.tags);
    for (const version of state.versions) versionMetrics(version);
    const wish = { environment: 'production', expectedCurrent: undefined, releaseQuarantine: false };
    planRollback(state, { ...wish, reason: 'slow', hold: false, bytesPresent: () => true }, new Date());
    planAssignment(state, { ...wish, version: 'v1.0.0', releaseHold: false }, new Date());
    const made = { commit: 'd'.repeat(40), modelDigest: '1'.repeat(64), passportDigest: '2'.repeat(64) };
    const more = { store: 'dir:/s', sluiceVersion: '0', version: { bump: 'major' } } as const;
    planRegistration(state, { ...made, ...more }, new Date());
    JSON.stringify(state);
  });
}

const STATUSES = [200, 200, 200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 422];

function answerOf(examples: readonly unknown[], random: Random, statuses = STATUSES): Answer {
  const valid = JSON.stringify(mutateJson(random.pick(examples), random));
  return {
    status: random.pick(statuses),
    type: random.pick(['application/json', 'application/json; charset=utf-8', 'text/html', '']),
    body: random.once(4) ? mutateText(valid, random) : valid,
  };
}

const servers = async (random: Random): Promise<void> => {
  switch (random.below(3)) {
    case 0:
      return askMlflow(answerOf(MLFLOW_ANSWERS, random), random.below(8));
    case 1:
      return askForge(answerOf(FORGE_ANSWERS, random, [...STATUSES, 429, 500, 502, 503]), random.below(5));
    default:
      return askModelServer(
        answerOf(SERVER_ANSWERS, random, [...STATUSES, 429, 500, 503]),
        faulty(PROJECT_GOLDEN, random),
      );
  }
};

async function built(random: Random): Promise<void> {
  const files = {
    'sluice.yaml': faulty(SMALL_GATE_CONFIG, random),
    'm.json': anyText(random.pick(METRICS), random),
    'base.json': BASE,
    'c.odcs.yaml': faulty(CONTRACT, random),
    'd.csv': faulty(PREDICTIONS.csv, random),
  };
  if (random.once(2)) return judgeBuilt('evaluate-gate', files, { metrics: 'm.json' });
  return judgeBuilt('validate-data', files, { model: 'flights', contract: 'c.odcs.yaml', data: 'd.csv' });
}

export const SUBJECTS: readonly Subject[] = [
  { name: 'sluice.yaml, settings', share: 200, run: settings },
  { name: 'sluice.yaml, gate', share: 150, run: gateSettings },
  { name: 'metrics', share: 150, run: metrics },
  { name: 'predictions', share: 80, run: predictions },
  { name: 'contracts', share: 80, run: contracts },
  { name: 'tag messages', share: 200, run: tags },
  { name: 'server answers', share: 140, run: servers },
  { name: 'built gate and data', share: 4, run: built },
  { name: 'built chain', share: 6, run: judgeChain },
];

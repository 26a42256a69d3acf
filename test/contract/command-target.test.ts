import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { ROOT } from '@sluice/testing/action.ts';
import { programOfPage } from './targets/command.ts';

/* The published schemas, held against what the program of the page is asked and answers. */

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const ids: Record<string, string> = {};
let scratch = '';
let program = '';
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-command-target-'));
  program = path.join(scratch, 'traffic.py');
  await writeFile(program, await programOfPage());
  for (const what of ['request', 'answer']) {
    const file = path.join(ROOT, 'schemas', `command-target.${what}.schema.json`);
    const schema = JSON.parse(await readFile(file, 'utf8')) as { $id: string };
    ids[what] = schema.$id;
    ajv.addSchema(schema);
  }
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

function faults(what: 'request' | 'answer', operation: string, document: object): unknown {
  const validate = ajv.getSchema(`${ids[what] ?? ''}#/$defs/${operation}`);
  if (validate === undefined) return `no schema of ${operation}`;
  return validate(document) === true ? [] : validate.errors;
}

function answerTo(operation: string, question: object): object {
  const request = {
    'schema-version': 1,
    operation,
    model: 'flight-delay',
    environment: 'production',
    path: path.join(scratch, 'served'),
    ...question,
  };
  expect(faults('request', operation, request)).toEqual([]);
  const { stdout } = spawnSync('python3', [program], { input: JSON.stringify(request), encoding: 'utf8' });
  return JSON.parse(stdout) as object;
}

const [first, later] = [
  { number: 1, owner: 'a' },
  { number: 2, owner: 'b' },
];
const release = { version: 'v1.0.0', 'model-digest': 'ab', 'model-path': '/srv/releases/v1.0.0/model' };
const shares = [{ version: 'v1.0.0', weight: 100 }];
const CONVERSATION: readonly (readonly [string, object, object])[] = [
  ['capabilities', {}, { capabilities: [] }],
  ['live', {}, { intended: [] }],
  ['fence', {}, { fence: 0 }],
  ['shift', { fence: first, shares }, { error: 'not-found', version: 'v1.0.0' }],
  ['holds', release, { holds: false }],
  ['stage', release, {}],
  ['holds', release, { holds: true }],
  ['endpoint', { version: 'v1.0.0' }, { url: null }],
  ['raise', { fence: later }, {}],
  ['shift', { fence: first, shares }, { error: 'fenced', fence: 2 }],
  ['shift', { fence: later, shares, generation: 'g', key: 'x-user' }, {}],
  ['live', {}, { intended: shares }],
  ['retire', { versions: ['v1.0.0'] }, {}],
];

test('each operation is asked and answered as the schemas say', () => {
  for (const [operation, question, answer] of CONVERSATION) {
    const answered = answerTo(operation, question);
    expect({ operation, answered }).toEqual({ operation, answered: { 'schema-version': 1, ...answer } });
    expect(faults('answer', operation, answered)).toEqual([]);
  }
});

test.each<[string, object]>([
  ['live', { intended: [{ version: 'v1.0.0', weight: 0 }] }],
  ['live', { intended: [], because: 'x' }],
  ['live', { error: 'fenced', fence: 1 }],
  ['shift', { error: 'failed' }],
  ['endpoint', {}],
])('an answer to %s that is %j is none', (operation, answer) => {
  expect(faults('answer', operation, { 'schema-version': 1, ...answer })).not.toEqual([]);
});

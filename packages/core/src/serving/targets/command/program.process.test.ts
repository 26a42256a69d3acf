import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { PassThrough } from 'node:stream';
import { silentLog } from '@sluice/testing/log.ts';
import { PLAIN_JSON } from '@sluice/testing/serving.ts';
import { DriftedError, FencedError } from '../../target.ts';
import type { CommandConfig } from './schema.ts';
import { command } from './kind.ts';

/*
 * The program under test answers each operation with what `answers.json` has for it, and writes down what it was asked.
 * An answer is a text, or a text with an exit code.
 */
const PROGRAM = `
const fs = require('fs');
let text = '';
process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => {
  const request = JSON.parse(text);
  fs.appendFileSync('asked.jsonl', JSON.stringify({ ...request, secret: process.env.INPUT_SECRET ?? null }) + '\\n');
  const said = JSON.parse(fs.readFileSync('answers.json', 'utf8'))[request.operation] ?? '{"schema-version": 1}';
  process.exitCode = said.code ?? 0;
  if (said.code) console.error('about to fail');
  process.stdout.write(said.text ?? said);
});`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-program-'));
  await writeFile(path.join(folder, 'program.cjs'), PROGRAM);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Said = string | { text: string; code: number };
const signal = new AbortController().signal;
const json = (content: object): string => JSON.stringify({ 'schema-version': 1, ...content });

async function opened(said: Readonly<Record<string, Said>>, config: Partial<CommandConfig> = {}) {
  const answers = { capabilities: json({ capabilities: ['split'] }), ...said };
  await writeFile(path.join(folder, 'answers.json'), JSON.stringify(answers));
  await rm(path.join(folder, 'asked.jsonl'), { force: true });
  const value: CommandConfig = {
    type: 'command',
    run: `'${process.execPath}' program.cjs`,
    path: 'served',
    ...config,
  };
  const env = { ...process.env, INPUT_SECRET: 'of the step' };
  return command({ value, name: 'target', folder }, { env, timeoutMs: 30_000, protocol: PLAIN_JSON }).open({
    model: 'flight-delay',
    environment: 'production',
    env,
    log: { ...silentLog, raw: new PassThrough().resume() },
  });
}

const lastAsked = async (): Promise<unknown> => {
  const lines = (await readFile(path.join(folder, 'asked.jsonl'), 'utf8')).trim().split('\n');
  return JSON.parse(lines.at(-1) ?? '');
};

describe('what a program is asked', () => {
  test('names operation, model, environment and folder; nothing of the step is in its environment', async () => {
    const target = await opened({ live: json({ intended: [] }) });
    await target.live(signal);
    expect(await lastAsked()).toEqual({
      'schema-version': 1,
      operation: 'live',
      model: 'flight-delay',
      environment: 'production',
      path: path.join(folder, 'served'),
      secret: null,
    });
  });

  test('has the whole order of a shift', async () => {
    const target = await opened({});
    const route = { header: 'x-variant', value: 'b', version: 'v2.0.0' };
    const shares = [
      { version: 'v1.0.0', weight: 90 },
      { version: 'v2.0.0', weight: 10 },
    ];
    await target.shift(
      { shares, route, mirror: { version: 'v2.0.0', percent: 5 } },
      { fence: { number: 7, owner: 'me' }, generation: 'g1' },
      signal,
    );
    expect(await lastAsked()).toMatchObject({
      operation: 'shift',
      shares,
      route,
      mirror: { version: 'v2.0.0', percent: 5 },
      fence: { number: 7, owner: 'me' },
      generation: 'g1',
    });
  });
});

describe('what a program answers', () => {
  test('is what the target says, heaviest share first', async () => {
    const intended = [
      { version: 'v2.0.0', weight: 10 },
      { version: 'v1.0.0', weight: 90 },
    ];
    const target = await opened({ live: json({ intended, generation: 'g7' }) });
    expect(await target.live(signal)).toEqual({
      intended: [intended[1], intended[0]],
      generation: 'g7',
      answer: { kind: 'not-asked' },
    });
  });

  test.each<[string, Said, string, string]>([
    ['nothing', '', 'bad-config', 'is empty. Write one JSON document'],
    ['no JSON', 'ok\n::error::x', 'bad-config', 'is no JSON: ok ::error::x.'],
    ['too much', 'x'.repeat(1024 * 1024 + 1), 'bad-config', 'longer than is read'],
    ['another version', '{"schema-version": 2, "intended": []}', 'bad-config', 'schema-version: expected 1'],
    ['an unknown key', json({ intended: [], generaton: 'x' }), 'bad-config', "Did you mean 'generation'?"],
    [
      'shares of 90',
      json({ intended: [{ version: 'v1.0.0', weight: 90 }] }),
      'bad-config',
      'shares that add up to 100',
    ],
    [
      'no version',
      json({ intended: [{ version: '../x', weight: 100 }] }),
      'bad-config',
      'a version such as v1.0.0',
    ],
    ['a list', '[]', 'bad-config', 'expected object'],
    [
      'failed',
      json({ error: 'failed', message: 'the host is away' }),
      'service-unavailable',
      'the host is away',
    ],
    [
      'failed, with an exit code',
      { text: json({ error: 'failed', message: 'the host is away' }), code: 3 },
      'service-unavailable',
      'the host is away',
    ],
    [
      'an exit code alone',
      { text: json({ intended: [] }), code: 3 },
      'service-unavailable',
      'ended with exit code 3',
    ],
    [
      'a refusal of another operation',
      json({ error: 'fenced', fence: 3 }),
      'bad-config',
      "answered 'fenced' to live",
    ],
    ['a refusal that nobody knows', json({ error: 'later' }), 'bad-config', 'expected one of failed'],
  ])('%s ends the step', async (_name, said, reasonCode, message) => {
    const target = await opened({ live: said });
    await expect(target.live(signal)).rejects.toMatchObject({
      reasonCode,
      message: expect.stringContaining(message) as unknown,
    });
  });

  const order = { fence: { number: 2, owner: 'me' } };
  test.each<[string, object, unknown]>([
    ['fenced', { error: 'fenced', fence: 3 }, FencedError],
    ['drifted', { error: 'drifted', by: 'kubectl of anna' }, DriftedError],
    ['drifted, by whom', { error: 'drifted', by: 'kubectl of anna' }, 'kubectl of anna'],
    ['not-found', { error: 'not-found', version: 'v9.0.0' }, 'Deploy v9.0.0 again'],
    ['failed', { error: 'failed', message: 'no such upstream' }, 'no such upstream'],
  ])('a shift that is %s', async (_name, said, thrown) => {
    const target = await opened({ shift: json(said) });
    await expect(target.shift({ shares: [] }, order, signal)).rejects.toThrow(thrown);
  });

  test('a shift that failed counts against the version', async () => {
    const target = await opened({ shift: json({ error: 'failed', message: 'x' }) });
    await expect(target.shift({ shares: [] }, order, signal)).rejects.toMatchObject({
      reasonCode: 'verification-failed',
    });
  });

  test('the address of a version is a server with the paths of the front door, or none', async () => {
    const config = { url: 'http://127.0.0.1:1', ready: '/health' };
    const named = await opened({ endpoint: json({ url: 'http://127.0.0.1:9001' }) }, config);
    expect(await named.endpoint('v1.0.0')).toMatchObject({ url: 'http://127.0.0.1:9001' });
    const none = await opened({ endpoint: json({ url: null }) }, config);
    expect(await none.endpoint('v1.0.0')).toBeUndefined();
    const odd = await opened({ endpoint: json({ url: 'file:///etc/passwd' }) }, config);
    await expect(odd.endpoint('v1.0.0')).rejects.toThrow('The url that target.run answered');
  });

  test('what it cannot do is not promised by sluice.yaml', async () => {
    await expect(opened({}, { capabilities: ['split', 'mirror'] })).rejects.toMatchObject({
      reasonCode: 'bad-config',
      message:
        "The program of target.run says that it can split; 'capabilities' beside it has also mirror. Take that out of sluice.yaml, or teach the program.",
    });
  });
});

import { describe, expect, test } from '@jest/globals';
import { stepLog } from '../../action/log.ts';
import type { EnvironmentState, ModelState, VersionRecord } from '../../ledger/state.ts';
import { parseSource } from './index.ts';
import type { SourceAnswer } from './source.ts';

const ALLOWED = 'Allowed: champion, deployed:<environment>, latest, merge-base, file:<path>, base:<path>.';

const record = (version: string, active = true): VersionRecord => ({
  version,
  tag: `m@${version}`,
  commit: version,
  modelDigest: 'a'.repeat(64),
  registeredAt: new Date(0),
  active,
  trailers: new Map(),
});

function state(versions: readonly VersionRecord[], live: Readonly<Record<string, string>> = {}): ModelState {
  const environments = Object.entries(live).map(([name, version]): [string, EnvironmentState] => [
    name,
    { live: { version, since: new Date(0), tag: 't' }, history: [], quarantined: new Set() },
  ]);
  return {
    model: 'm',
    versions,
    takenVersions: new Set(),
    occupied: new Set(),
    environments: new Map(environments),
    deprecated: false,
    lastCounter: 0,
    problems: [],
  };
}

/** What a source answers where the ledger says this. */
async function ask(text: string, ledger: ModelState | string, registers = true): Promise<SourceAnswer> {
  return parseSource(text).find({
    context: {
      inputs: {},
      env: {},
      workspace: '/w',
      directory: '/w',
      log: stepLog,
      signal: new AbortController().signal,
    },
    readLedger: () => Promise.resolve(ledger),
    pull: undefined,
    championEnvironment: 'production',
    waitMs: undefined,
    mayRegister: () => Promise.resolve(registers),
    base: '/w',
    scratch: '/s',
    testData: undefined,
  });
}

describe('a source is refused', () => {
  test.each([
    '',
    'newest',
    'champion:',
    'champion:x',
    'deployed',
    'deployed:',
    'file',
    'file:',
    'base:',
    'toString',
  ])("that reads '%s'", (text) => {
    expect(() => parseSource(text)).toThrow(`The baseline source '${text}' is not known. ${ALLOWED}`);
  });

  test('that names an environment which cannot be', () => {
    expect(() => parseSource('deployed:a b')).toThrow("environment name 'a b' is not allowed");
  });
});

test.each(['base:/etc/m.json', 'base:a\0b'])(
  'a file of a commit is named relative to the repository: %j',
  (text) => {
    expect(() => parseSource(text)).toThrow('names no path inside the repository');
  },
);

describe('what is live', () => {
  const ledger = state([record('v1.0.0'), record('v2.0.0')], { production: 'v1.0.0', staging: 'v2.0.0' });

  test.each([
    ['champion', 'v1.0.0'],
    ['deployed:staging', 'v2.0.0'],
  ])('%s is %s', async (text, version) => {
    expect(await ask(text, ledger)).toEqual({ kind: 'version', record: record(version) });
  });

  test('is said to be nothing, or not registered', async () => {
    expect(await ask('deployed:test', ledger)).toEqual({
      kind: 'nothing',
      why: 'nothing is live in test',
      isUsual: false,
    });
    const gone = state([record('v1.0.0', false)], { production: 'v1.0.0' });
    expect(await ask('champion', gone)).toMatchObject({
      why: expect.stringMatching(/^v1\.0\.0 is live in production but not registered by/),
    });
  });
});

test('what another tool registered is passed over, and said where there is nothing else', async () => {
  const foreign = { ...record('v3.0.0'), modelDigest: undefined };
  expect(await ask('latest', state([record('v1.0.0'), foreign]))).toMatchObject({
    record: { version: 'v1.0.0' },
  });
  const alone = state([foreign], { production: 'v3.0.0' });
  expect(await ask('latest', alone)).toMatchObject({
    why: expect.stringMatching(/^v3\.0\.0 was registered by another tool/),
  });
  expect(await ask('champion', alone)).toMatchObject({
    why: expect.stringMatching(/^v3\.0\.0 is live in production but not registered by/),
  });
});

test('the latest version is the last one that was not deregistered', async () => {
  const ledger = state([record('v1.0.0'), record('v2.0.0'), record('v3.0.0', false)]);
  expect(await ask('latest', ledger)).toEqual({ kind: 'version', record: record('v2.0.0') });
  const none = { kind: 'nothing', why: 'no version of m is registered' };
  expect(await ask('latest', state([]))).toEqual(none);
});

test('a model that nobody registers never has a version, others may have one tomorrow', async () => {
  expect(await ask('champion', state([]))).not.toHaveProperty('never');
  expect(await ask('champion', state([]), false)).toMatchObject({
    isUsual: true,
    never: expect.stringMatching(/^Nothing registers a version of m: .* base:metrics\.json\)\.$/),
  });
  const retired = state([record('v1.0.0', false)]);
  expect(await ask('latest', retired, false)).not.toHaveProperty('never');
});

test('a file may have colons in its name, and needs no ledger', async () => {
  expect(await ask('file:old/a:b.csv', 'there is no remote')).toEqual({ kind: 'file', path: 'old/a:b.csv' });
});

test.each(['champion', 'deployed:staging', 'latest', 'merge-base'])(
  'without a ledger %s says why there is none',
  async (text) => {
    expect(await ask(text, 'there is no remote')).toEqual({
      kind: 'nothing',
      why: 'there is no remote',
      never: 'there is no remote',
    });
  },
);

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { digestModel } from '../digest/model.ts';
import { buildPassport, checkEvidence } from './passport.ts';
import { parseStatement, provenanceStatement, testResultStatement, type Statement } from './statement.ts';
import { verifyPassport } from './verify.ts';

jest.setTimeout(60_000);

const MODEL = { name: 'm', digest: 'a'.repeat(64) };
const subject = { name: 'model:m', sha256: MODEL.digest };
/** With a character that a decoder also puts where bytes are damaged. */
const gate = testResultStatement([subject], { result: 'WARNED', configuration: [], warnedTests: ['\uFFFD'] });
const training = provenanceStatement([subject], {
  buildDefinition: {
    buildType: 'https://example.com/train',
    externalParameters: {},
    resolvedDependencies: [{ name: 'train.csv', digest: { sha256: 'd'.repeat(64) } }],
  },
  runDetails: { builder: { id: 'test' } },
});
const passport = buildPassport([gate, training], MODEL.digest);
const claim = { version: 'v1.0.0', tag: 'm@v1.0.0', passportDigest: passport.sha256 };
const PLACE = 'store/passport.jsonl';

/** A byte changed, put in, or taken away, or the rest cut off. */
function damaged(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.nat(original.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('change', 'insert', 'remove', 'cut'),
    )
    .map(([at, byte, how]) => {
      const before = original.subarray(0, at);
      const here = original[at] ?? 0;
      const after = original.subarray(at + 1);
      if (how === 'change') return Uint8Array.from([...before, here ^ byte, ...after]);
      if (how === 'insert') return Uint8Array.from([...before, byte, here, ...after]);
      return Uint8Array.from(how === 'remove' ? [...before, ...after] : before);
    });
}

describe('any damage is refused, with its place:', () => {
  const bytes = Buffer.from(passport.text);

  test('none is not', () => {
    expect(verifyPassport(claim, bytes, PLACE, MODEL).kind).toBe('open');
  });

  test('to the passport', () => {
    fc.assert(
      fc.property(damaged(bytes), (changed) => {
        const verified = verifyPassport(claim, changed, PLACE, MODEL);
        expect(verified).toMatchObject({ kind: 'problem', problem: { kind: 'mismatch', place: PLACE } });
      }),
      { numRuns: 1000 },
    );
  });

  test('to the digests in the tag', () => {
    const both = Buffer.from(MODEL.digest + passport.sha256);
    fc.assert(
      fc.property(damaged(both), (changed) => {
        const text = Buffer.from(changed).toString('latin1');
        const found = { ...claim, passportDigest: text.slice(64) };
        const verified = verifyPassport(found, bytes, PLACE, { name: 'm', digest: text.slice(0, 64) });
        const message = expect.stringMatching(/tag m@v1|this is model:m/);
        expect(verified).toMatchObject({ kind: 'problem', problem: { kind: 'mismatch', message } });
      }),
    );
  });

  test('to a statement: it cannot become one about another model, or one that failed less', () => {
    const failed = { ...gate, predicate: { ...gate.predicate, result: 'FAILED' as const } };
    const other = { name: 'm', digest: 'b'.repeat(64) };
    const vouches = (bytes: Uint8Array, model: typeof MODEL): boolean => {
      const read = attempt(Buffer.from(bytes).toString('utf8'));
      return read !== undefined && checkEvidence([read], model) === undefined;
    };
    const damages = (statement: Statement): fc.Arbitrary<Uint8Array> =>
      damaged(Buffer.from(JSON.stringify(statement)));
    fc.assert(
      fc.property(damages(gate), damages(failed), (passing, failing) => {
        expect(vouches(passing, other)).toBe(false);
        expect(vouches(failing, other)).toBe(false);
        expect(vouches(failing, MODEL)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any damage to a model', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-verify-'));
    await writeFile(path.join(folder, 'weights'), 'some weights');
    await writeFile(path.join(folder, 'config.json'), '{}');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is another digest', async () => {
    const intact = (await digestModel(folder)).sha256;
    const file = path.join(folder, 'weights');
    const original = await readFile(file);
    await fc.assert(
      fc.asyncProperty(damaged(original), async (changed) => {
        await writeFile(file, changed);
        expect((await digestModel(folder)).sha256).not.toBe(intact);
      }),
    );
  });
});

function attempt(text: string): Statement | undefined {
  try {
    return parseStatement(text);
  } catch {
    return undefined;
  }
}

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { formatTag, parseTag, type TagEvent } from './grammar.ts';

const ALNUM = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
const word = (inner: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...ALNUM),
      fc.string({ unit: fc.constantFrom(...ALNUM, ...inner), maxLength: 12 }),
      fc.constantFrom(...ALNUM),
    )
    .map((parts) => parts.join(''));

/** Names as the suite allows them; GTO's own may have `/` too. */
const name = word('-_');
const gtoName = fc.oneof(
  word('-_/'),
  fc.tuple(word('-_./'), word('-_/')).map(([folder, own]) => `${folder}=${own}`),
);
const number = fc.nat({ max: 10_000 }).map(String);
/** Semantic Versioning allows no number with a leading zero. */
const prerelease = fc.oneof(
  number,
  word('-').filter((part) => !/^0\d+$/.test(part)),
);
const version = fc
  .tuple(
    fc.tuple(number, number, number),
    fc.option(fc.array(prerelease, { minLength: 1, maxLength: 3 })),
    fc.option(fc.array(word('-'), { minLength: 1, maxLength: 2 })),
  )
  .map(
    ([core, pre, build]) =>
      `v${core.join('.')}${pre === null ? '' : `-${pre.join('.')}`}${build === null ? '' : `+${build.join('.')}`}`,
  );

function events(model: fc.Arbitrary<string>, environment: fc.Arbitrary<string>): fc.Arbitrary<TagEvent> {
  const counter = fc
    .option(fc.nat())
    .map((value): { counter?: number } => (value === null ? {} : { counter: value }));
  const base = fc.record({ model });
  return fc
    .oneof(
      fc.tuple(base, fc.record({ kind: fc.constantFrom('registration', 'deregistration'), version })),
      fc.tuple(base, fc.record({ kind: fc.constantFrom('assignment', 'unassignment'), environment })),
      fc.tuple(base, fc.record({ kind: fc.constantFrom('deprecation', 'creation') })),
    )
    .chain(([a, b]) => counter.map((c) => ({ ...a, ...b, ...c })));
}

describe('the tag grammar', () => {
  test('reads back what it writes', () => {
    fc.assert(
      fc.property(
        events(
          gtoName,
          gtoName.filter((n) => !n.includes('=')),
        ),
        (event) => {
          expect(parseTag(formatTag(event))).toEqual(event);
        },
      ),
    );
  });

  test('writes names that git accepts', () => {
    const tags = fc.sample(events(name, name), 20).map(formatTag);
    for (const tag of tags) {
      expect(() => execFileSync('git', ['check-ref-format', `refs/tags/${tag}`])).not.toThrow();
    }
  });

  test.each<[string, TagEvent]>([
    ['m@v1.2.3', { kind: 'registration', model: 'm', version: 'v1.2.3' }],
    ['m@v1.2.3#1', { kind: 'registration', model: 'm', version: 'v1.2.3', counter: 1 }],
    ['m@v1.2.3!', { kind: 'deregistration', model: 'm', version: 'v1.2.3' }],
    ['m@v1.2.3!#2', { kind: 'deregistration', model: 'm', version: 'v1.2.3', counter: 2 }],
    ['m@v1.2.3-rc.1+b.5', { kind: 'registration', model: 'm', version: 'v1.2.3-rc.1+b.5' }],
    ['m#prod', { kind: 'assignment', model: 'm', environment: 'prod' }],
    ['m#prod#3', { kind: 'assignment', model: 'm', environment: 'prod', counter: 3 }],
    ['m#prod!#4', { kind: 'unassignment', model: 'm', environment: 'prod', counter: 4 }],
    ['m#3', { kind: 'assignment', model: 'm', environment: '3' }],
    ['m@deprecated#5', { kind: 'deprecation', model: 'm', counter: 5 }],
    ['m@created', { kind: 'creation', model: 'm' }],
    ['dir/sub=m#prod', { kind: 'assignment', model: 'dir/sub=m', environment: 'prod' }],
  ])('%s', (tag, event) => {
    expect(parseTag(tag)).toEqual(event);
    expect(formatTag(event)).toBe(tag);
  });

  test.each([
    'v1.0.0',
    'm',
    'm@1.0.0',
    'm@v1.0',
    'm@v01.0.0',
    'm@v1.0.0-01',
    'm#',
    'm#prod#',
    '-m#prod',
    'm-@v1.0.0',
    'm@v1.0.0!!',
    'm@deprecated!',
    'm@v1.0.0\n',
    'm#prod#1#2',
    'm@latest',
    '',
  ])('%p is no tag of a ledger', (tag) => {
    expect(parseTag(tag)).toBeUndefined();
  });
});

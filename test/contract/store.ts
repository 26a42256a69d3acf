/* eslint-disable jest/no-export -- a suite that the test file of every store runs */
import { describe } from '@jest/globals';
import { STORES } from '@sluice/core/store/index.ts';
import { basicTests } from './store/basic.ts';
import { harmTests } from './store/harm.ts';
import type { Ability, StoreKind, StoreUnderTest } from './store/harness.ts';
import { interruptionTests } from './store/interruptions.ts';
import { nameTests } from './store/names.ts';

export type { Ability, Cutter, Direction, Stored, StoreKind, StoreUnderTest } from './store/harness.ts';

/** What every store has to do; run it with a way to make a fresh one. What does not apply is said in its title. */
export function describeStore<T extends StoreUnderTest>(kind: StoreKind<T>): void {
  const { refuseWriting, refuseReading, fill, describeHugely, cutter } = kind;
  const abilities: Readonly<Record<string, Ability<unknown>>> = {
    'no right to write': refuseWriting,
    'no right to read': refuseReading,
    'full disk': fill,
    'huge description': describeHugely,
    'broken connection': cutter,
  };
  const leftOut = Object.entries(abilities).flatMap(([name, ability]) =>
    'cannot' in ability ? [`no test of '${name}': ${ability.cannot}`] : [],
  );
  describe(`${[`${STORES[kind.scheme].words} as a store`, ...leftOut].join('; ')}`, () => {
    basicTests(kind);
    nameTests(kind);
    harmTests(kind);
    interruptionTests(kind);
  });
}

import { expect, test } from '@jest/globals';
import { TARGETS } from '@sluice/core/serving/targets/index.ts';
import { describeServingTarget, type TargetHarnesses } from './serving-target.ts';

/* Every row of the table of targets passes the contract; its harness is `targets/<type>.ts`. */

for (const type of Object.keys(TARGETS)) {
  const { harnesses } = (await import(`./targets/${type}.ts`)) as { readonly harnesses: TargetHarnesses };
  test(`${type} has a harness`, () => {
    expect(Object.keys(harnesses)).not.toEqual([]);
  });
  for (const [name, fresh] of Object.entries(harnesses)) describeServingTarget(`${type} ${name}`, fresh);
}

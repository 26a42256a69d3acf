import { expect, test } from '@jest/globals';
import { TARGETS } from '@sluice/core/serving/targets/index.ts';
import { describeServingTarget, harnessesOf } from './serving-target.ts';

/* Every row of the table of targets passes the contract; its harness is `targets/<type>.ts`. Some need servers: test/e2e. */

for (const type of Object.keys(TARGETS)) {
  const { layer, harnesses } = await harnessesOf(type);
  test(`${type} has a harness`, () => {
    expect(['contract', 'e2e']).toContain(layer);
    expect(Object.keys(harnesses)).not.toEqual([]);
  });
  if (layer === 'e2e') continue;
  for (const [name, fresh] of Object.entries(harnesses)) describeServingTarget(`${type} ${name}`, fresh);
}

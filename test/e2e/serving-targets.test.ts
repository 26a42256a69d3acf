import { TARGETS } from '@sluice/core/serving/targets/index.ts';
import { describeServingTarget, harnessesOf } from '../contract/serving-target.ts';

/* The contract for the targets that are servers of somebody else; test/contract has the others. */

for (const type of Object.keys(TARGETS)) {
  const { layer, harnesses } = await harnessesOf(type);
  if (layer === 'contract') continue;
  for (const [name, fresh] of Object.entries(harnesses)) describeServingTarget(`${type} ${name}`, fresh);
}

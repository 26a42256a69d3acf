import { describe, expect, test } from '@jest/globals';
import type { Capability } from '../serving/targets/kind.ts';
import { readRestore, readStrategy, requireCapable } from './strategy.ts';

const can = (...capabilities: Capability[]) => ({ can: new Set(capabilities) });
const inFile = { value: 'direct' as const, name: 'environments.production.strategy', folder: '/' };

describe('the strategy of a deployment', () => {
  test('is that of the file, unless an input names one', () => {
    const steps = [{ weight: 100, bake: 0 }];
    expect(readStrategy(undefined, inFile, can())).toMatchObject({ name: 'direct', steps });
    expect(readStrategy(' direct\n', inFile, can())).toMatchObject({ name: 'direct', steps });
  });

  test('has to be one that there is', () => {
    expect(() => readStrategy('canary', inFile, can())).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-input',
        message:
          'input \'strategy\':1:1: expected direct, blue-green, or a map with one of the keys blue-green, canary, shadow, ab, found "canary".',
      }),
    );
  });

  test('may not ask for more than the target can do', () => {
    const canary = { name: 'canary', needs: ['split', 'mirror'] as const };
    expect(() => requireCapable(canary, can('split', 'mirror'), 'strategy')).not.toThrow();
    expect(() => requireCapable(canary, can('mirror'), inFile.name)).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-config',
        message:
          "environments.production.strategy is 'canary', but the target cannot split the traffic between versions. Use the strategy 'direct', or another target.",
      }),
    );
  });

  test('has whole percents where the target has no others, and so has the way back', () => {
    const target = { ...can('split'), wholeWeights: true as const };
    const canary = { ...inFile, value: { canary: { steps: [{ weight: 33.3 }, { weight: 100 }] } } };
    const refused = expect.objectContaining({
      reasonCode: 'bad-config',
      message: expect.stringContaining('has the weight 33.3, and the target has whole percents') as unknown,
    });
    expect(() => readStrategy(undefined, canary, target)).toThrow(refused);
    expect(() => readRestore({ steps: [{ weight: 33.3 }, { weight: 100 }] }, 'restore', target)).toThrow(
      refused,
    );
    expect(readStrategy(undefined, canary, can('split')).steps[0]).toMatchObject({ weight: 33.3 });
  });
});

import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '@sluice/testing/action.ts';
import { restoreSchema } from '../restore-schema.ts';
import { strategyOf } from './index.ts';
import { strategySchema, type StrategyConfig } from './schema.ts';

const probe = { provider: 'probe', requests: 'golden.jsonl', errors: { max: 0.01 } } as const;
const read = (value: unknown) =>
  strategyOf({ value: strategySchema.parse(value) satisfies StrategyConfig, name: 'strategy', folder: '/' });
const refusal = (message: string) =>
  expect.objectContaining({
    reasonCode: 'bad-config',
    message: expect.stringContaining(message) as unknown,
  });

describe('a strategy', () => {
  test('direct moves all traffic at once', () => {
    expect(read('direct')).toMatchObject({ name: 'direct', needs: [], steps: [{ weight: 100, bake: 0 }] });
  });

  test('blue-green asks the candidate beside what is live first, and may watch it after the switch', () => {
    expect(read('blue-green')).toMatchObject({ needs: ['probe'], steps: [{ weight: 100, bake: 0 }] });
    const watched = read({ 'blue-green': { bake: '5m', analysis: [probe] } });
    expect(watched.steps).toEqual([{ weight: 100, bake: 300_000 }]);
    expect(watched.analysis).toEqual([
      { value: probe, name: 'strategy.blue-green.analysis[0]', folder: '/' },
    ]);
  });

  test('canary gives growing shares, with pauses, and goes back when nothing is known for an hour', () => {
    const steps = [{ weight: 5, bake: '10m' }, { pause: 'approve' }, { weight: 100 }];
    expect(read({ canary: { steps, analysis: [probe] } })).toMatchObject({
      name: 'canary',
      needs: ['split'],
      steps: [{ weight: 5, bake: 600_000 }, { pause: 'approve' }, { weight: 100, bake: 0 }],
      hold: 3_600_000,
      keeps: 'candidate',
    });
  });

  test('canary by a header needs a target that splits by it', () => {
    const steps = [{ weight: 5, bake: '10m' }, { weight: 100 }];
    const { needs, steps: read_ } = read({ canary: { steps, key: 'x-user-id', analysis: [probe] } });
    expect(needs).toEqual(['split', 'key-split']);
    expect(read_[0]).toEqual({ weight: 5, bake: 600_000, key: 'x-user-id' });
  });

  test('shadow leaves what is live where it is', () => {
    const shadow = read({ shadow: { mirror: 10, bake: '1h', analysis: [probe] } });
    expect(shadow).toMatchObject({ needs: ['probe', 'mirror'], keeps: 'stable' });
    expect(shadow.steps).toEqual([{ weight: 0, bake: 3_600_000, mirror: 10 }]);
    expect(read({ shadow: { bake: '1h', analysis: [probe] } }).needs).toEqual(['probe']);
  });

  test('ab gives a group the candidate, by a header or by the entity', () => {
    const header = read({ ab: { header: 'x-variant', value: 'b', bake: '1d', analysis: [probe] } });
    expect(header.needs).toEqual(['header-route']);
    expect(header.steps).toEqual([
      { weight: 0, bake: 86_400_000, route: { header: 'x-variant', value: 'b' } },
      { weight: 100, bake: 0 },
    ]);
    const key = read({ ab: { key: 'x-user-id', weight: 50, bake: '1d', analysis: [probe] } });
    expect(key.needs).toEqual(['split', 'key-split']);
    expect(key.steps[0]).toEqual({ weight: 50, bake: 86_400_000, key: 'x-user-id' });
  });
});

test('each strategy that docs/rollout.md shows is one', async () => {
  const page = await readFile(path.join(ROOT, 'docs/rollout.md'), 'utf8');
  const shown = [...page.matchAll(/```yaml\n(strategy:[\s\S]*?)```/g)].map(([, text = '']) => text);
  const sections = shown.map((text) => parse(text) as { strategy: unknown; restore?: unknown });
  expect(sections.map(({ strategy }) => read(strategy).name)).toEqual([
    'direct',
    'blue-green',
    'blue-green',
    'canary',
    'shadow',
    'ab',
  ]);
  expect(restoreSchema.safeParse(sections[3]?.restore).success).toBe(true);
});

describe('is refused', () => {
  test.each([
    [[{ weight: 50 }, { weight: 5 }, { weight: 100 }], '50, 5, 100. They have to grow'],
    [[{ weight: 5 }, { weight: 50 }], 'end with {weight: 100}'],
    [[{ pause: 'approve' }, { weight: 100 }], 'begin with a weight'],
    [[{ weight: 5 }, { weight: 100 }, { pause: 'approve' }], 'end with {weight: 100}'],
  ])('a canary with the steps %j', (steps, message) => {
    expect(() => read({ canary: { steps } })).toThrow(refusal(message));
  });

  test('a bake that nobody judges, and an analysis that no step waits for', () => {
    const [baked, plain] = [[{ weight: 5, bake: '1m' }, { weight: 100 }], [{ weight: 100 }]];
    expect(() => read({ canary: { steps: baked } })).toThrow(refusal('has no analysis that would judge it'));
    expect(() => read({ canary: { steps: plain, analysis: [probe] } })).toThrow(
      refusal('no step has a bake'),
    );
  });

  test('a pause for labels that nothing is said of, and the other way round', () => {
    const labels = { predictions: 'p.jsonl', file: 'l.csv', accuracy: { min: 0.9 } };
    expect(() => read({ canary: { steps: [{ weight: 5 }, { pause: 'labels' }, { weight: 100 }] } })).toThrow(
      refusal('needs both a step {pause: labels} and labels'),
    );
    expect(() => read({ canary: { steps: [{ weight: 5 }, { weight: 100 }], labels } })).toThrow(
      refusal('needs both a step {pause: labels} and labels'),
    );
  });
});

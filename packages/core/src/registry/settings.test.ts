import { describe, expect, test } from '@jest/globals';
import { readRegistry } from './settings.ts';

const PLAIN = { trackingUri: undefined, experiment: 'm', name: 'm' };

describe('the section registry of sluice.yaml', () => {
  test('is git where nothing is said, and any model is called like itself in MLflow', () => {
    expect(readRegistry(undefined, 'm', {})).toEqual({ type: 'git', stores: [], site: PLAIN });
    const stored = readRegistry({ type: 'git', store: 'mlflow:' }, 'm', {});
    expect(stored).toEqual({ type: 'git', stores: [{ key: 'registry.store', uri: 'mlflow:' }], site: PLAIN });
  });

  test('says where MLflow is and how the model is called there', () => {
    const section = { type: 'mlflow', 'tracking-uri': 'http://${HOST}', experiment: 'e', name: 'n' } as const;
    expect(readRegistry(section, 'm', { HOST: 'ml' })).toMatchObject({
      type: 'mlflow',
      site: { trackingUri: 'http://ml', experiment: 'e', name: 'n' },
    });
    expect(() => readRegistry(section, 'm', {})).toThrow(/registry\.tracking-uri/);
  });

  test('gives way to the input, which takes the rest of the section', () => {
    const section = { type: 'mlflow', name: 'n' } as const;
    expect(readRegistry(section, 'm', {}, 'git')).toMatchObject({ type: 'git', site: { name: 'n' } });
    expect(readRegistry(undefined, 'm', {}, 'mlflow')).toEqual({ type: 'mlflow', stores: [], site: PLAIN });
  });

  test.each(['wandb', 'toString', ''])('refuses the input %p, and says what is allowed', (input) => {
    expect(() => readRegistry(undefined, 'm', {}, input)).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-input',
        message: `Input 'registry' is '${input}'. Allowed: git (the tags of the repository) and mlflow (an MLflow server as well).`,
      }),
    );
  });
});

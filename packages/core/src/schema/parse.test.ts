import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { UserError } from '../action/errors.ts';
import { parseYaml } from './parse.ts';
import { configSchema } from '../config/schema.ts';
import { rulesSchema } from '../gate/section.ts';

const config = (text: string): unknown =>
  parseYaml(text, configSchema, { name: 'sluice.yaml', reason: 'bad-config' });

const environment = (section: string): string => `version: 1\nenvironments: {production: {${section}}}\n`;

const COMPLETE = `version: 1
model: flight-delay
data: {train: data/*.parquet, test: [a.csv, b.csv]}
train: {run: python train.py, model-path: out/model, cache: false, timeout: 1.5h}
gate:
  baseline: [champion, latest]
  rules:
    - {metric: auc, min: 0.7, max-regression: 0.01}
    - {metric: log-loss, max-regression: {abs: 0.005, rel: 2%, combine: max}}
`;

test('a correct file becomes its values', () => {
  expect(config(COMPLETE)).toMatchObject({
    version: 1,
    train: { cache: false, timeout: '1.5h' },
    gate: { rules: [{ metric: 'auc', min: 0.7 }, { 'max-regression': { rel: '2%' } }] },
  });
});

describe('a fault is told with its place, the value and what is allowed', () => {
  test.each([
    ['version: 1\nmodle: x\n', `sluice.yaml:2:1: modle: unknown key 'modle'. Did you mean 'model'?`],
    [
      'version: 1\ntrain:\n  metrcis: x\n',
      "sluice.yaml:3:3: train.metrcis: unknown key 'metrcis'. Did you mean 'metrics'?",
    ],
    ['version: 1\nzzzzzzzz: x\n', "unknown key 'zzzzzzzz'. Known keys: version, model"],
    ['version: 2\n', 'sluice.yaml:1:1: version: expected 1, found 2.'],
    ['model: x\n', 'version: expected 1, found nothing. Add the key.'],
    ['version: 1\nmodel: 7\n', 'sluice.yaml:2:1: model: expected string, found 7.'],
    ['version: 1\nmodel: ""\n', 'model: expected at least 1 characters, found "".'],
    ['version: 1\ntrain: {cache: "yes"}\n', 'train.cache: expected boolean, found "yes".'],
    [
      'version: 1\ntrain: {timeout: soon}\n',
      'train.timeout: expected a duration above zero such as 80ms, 5s, 2m or 30d, found "soon".',
    ],
    [
      'version: 1\nregistry: {type: svn}\n',
      'sluice.yaml:2:12: registry.type: expected one of git, mlflow, found "svn".',
    ],
    [
      'version: 1\nregistry: {store: "dir:x"}\n',
      'registry.type: expected one of git, mlflow, found nothing. Add the key.',
    ],
    [
      environment('target: {type: kubernetes, namespace: ml}'),
      'environments.production.target.type: expected one of directory, ',
    ],
    [environment('target: {path: /srv}'), 'target.type: expected one of directory, '],
    [environment('target: /srv'), 'environments.production.target: expected object, found "/srv".'],
    [environment('target: {type: directory}'), 'target.path: expected string, found nothing. Add the key.'],
    [
      environment('target: {type: directory, path: /srv, relaod: x}'),
      "target.relaod: unknown key 'relaod'. Did you mean 'reload'? Known keys: type, path, reload, url",
    ],
    [
      environment('target: {type: directory, path: /srv}, strategy: canary'),
      'environments.production.strategy: expected direct, blue-green, or a map with one of the keys',
    ],
    ['version: 1\ndata: {train: 3}\n', 'data.train: expected string or array, found 3.'],
    ['version: 1\ndata: {train: []}\n', 'data.train: expected at least 1 items, found [].'],
    [
      'version: 1\ngate: {rules: [{metric: auc, direction: up}]}\n',
      'gate.rules.0.direction: expected one of higher, lower',
    ],
    [
      'version: 1\ngate: {rules: [{metric: auc, min: .nan}]}\n',
      'gate.rules.0.min: expected number, found NaN.',
    ],
    ['version: 1\ngate: {rules: [{metric: auc, max-regression: {asb: 1}}]}\n', "Did you mean 'abs'?"],
    ['version: 1\ngate: {rules: [{metric: auc, minn: 1}]}\n', "unknown key 'minn'. Did you mean 'min'?"],
    ['version: 1\ngate: {rules: [{min: 1}]}\n', 'gate.rules.0.metric: expected string, found nothing'],
    [
      'version: 1\ngate: {rules: [{cases: a.txt, must: stay-corect}]}\n',
      'gate.rules.0.must: expected stay-correct, found "stay-corect"',
    ],
    [
      'version: 1\ngate: {rules: [{cases: a.txt, must: stay-correct, nam: x}]}\n',
      "unknown key 'nam'. Did you mean 'name'?",
    ],
    ['version: 1\ngate: {rules: [{cases: [], must: stay-correct}]}\n', 'at least 1 items, found []'],
    ['- a\n', 'expected object, found ["a"].'],
    ['version: 1\nversion: 1\n', 'sluice.yaml:2:1: not valid YAML'],
    ['a: [1\n', 'not valid YAML'],
    ['a: 1\n---\nb: 2\n', 'not valid YAML'],
    ['a: *nowhere\n', 'not usable YAML: Unresolved alias'],
  ])('%j', (text, message) => {
    expect(() => config(text)).toThrow(expect.objectContaining({ reasonCode: 'bad-config' }));
    expect(() => config(text)).toThrow(message);
  });

  test('a long value is cut', () => {
    expect(() => config(`version: "${'x'.repeat(1000)}"\n`)).toThrow(/found "x{76}…\.$/);
  });

  test('an input is called by its name', () => {
    expect(() => parseYaml('{a: 1}', rulesSchema, { name: "input 'rules'", reason: 'bad-input' })).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-input',
        message: expect.stringContaining("input 'rules':1:1"),
      }),
    );
  });

  test('aliases cannot blow a small file up', () => {
    const levels = Array.from({ length: 12 }, (_x, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    expect(() => config(`l0: &l0 x\n${levels.join('\n')}\n`)).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config', message: expect.stringContaining('alias') }),
    );
  });
});

/** The reason code of what is thrown, `accepted` when nothing is, or the crash itself. */
function verdict(text: string): unknown {
  try {
    config(text);
    return 'accepted';
  } catch (error) {
    return error instanceof UserError ? error.reasonCode : error;
  }
}

test('any YAML value is either accepted or refused with a reason, never a crash', () => {
  const key = fc.constantFrom('version', 'model', 'train', 'gate', 'rules', '__proto__', 'x');
  fc.assert(
    fc.property(fc.object({ key }), (value) => {
      expect(['accepted', 'bad-config']).toContain(verdict(stringify(value)));
    }),
    { numRuns: 50 },
  );
});

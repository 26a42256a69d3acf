import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitCommand } from './command-line.ts';

const split = (text: string): string[] => splitCommand(text, {}, undefined, 'train.run');

describe('splitting', () => {
  test.each([
    ['python train.py', ['python', 'train.py']],
    ['  python   train.py\n', ['python', 'train.py']],
    [`python "my train.py" --name 'a b'`, ['python', 'my train.py', '--name', 'a b']],
    [`python --x=''`, ['python', '--x=']],
    [`awk -F '|' "it's"`, ['awk', '-F', '|', "it's"]],
    ['echo $HOME `id` $(id) * ~ C:\\x', ['echo', '$HOME', '`id`', '$(id)', '*', '~', 'C:\\x']],
  ])('%j', (text, argv) => {
    expect(split(text)).toEqual(argv);
  });

  test.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['python "train.py', 'quote that is not closed'],
    ['pip install x && python train.py', "shell operator '&&'"],
    ['python train.py | tee log', "shell operator '|'"],
    ['python train.py > log', "shell operator '>'"],
    ['python a.py\npython b.py', 'more than one line'],
  ])('refuses %j: %s', (text, problem) => {
    expect(() => split(text)).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config', message: expect.stringContaining(problem) }),
    );
    expect(() => split(text)).toThrow(/^train\.run /);
  });
});

describe('filling', () => {
  const fill = (text: string, value: string): string[] =>
    splitCommand(text, { 'model-path': value }, { ROOT: value }, 'gate.evaluate');

  test('a value stays one argument and is not filled again, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (value) => {
        expect(fill('run --model {model-path} --out={model-path}/x ${ROOT}', value)).toEqual([
          'run',
          '--model',
          value,
          `--out=${value}/x`,
          value,
        ]);
      }),
    );
  });

  test.each(['{model-path}', '${ROOT}', '$1', '$&'])('the value %s is not special', (value) => {
    expect(fill('run {model-path}', value)).toEqual(['run', value]);
  });

  test('an unknown placeholder is refused with the known ones', () => {
    expect(() => fill('run {modelpath}', 'm')).toThrow(
      "unknown placeholder '{modelpath}'. Known: {model-path}.",
    );
    expect(() => fill('run {constructor}', 'm')).toThrow('unknown placeholder');
  });

  test('an unset variable is refused; without an environment nothing expands', () => {
    expect(() => fill('run ${NOT_SET}', 'm')).toThrow('NOT_SET is not set');
    expect(fill('run ${NOT_SET:-x}', 'm')).toEqual(['run', 'x']);
    expect(split('run ${NOT_SET} {model-path}')).toEqual(['run', '${NOT_SET}', '{model-path}']);
  });

  test("braces that are no placeholder's stay", () => {
    expect(fill(`run '{"a": 1}' {}`, 'm')).toEqual(['run', '{"a": 1}', '{}']);
  });
});

import { describe, expect, test } from '@jest/globals';
import { configSchema } from '@sluice/core/config/schema.ts';
import { isUserError } from '@sluice/core/action/errors.ts';
import { strategyOf } from '@sluice/core/rollout/strategies/index.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { Ajv } from 'ajv';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { globSync } from 'tinyglobby';
import { parse, stringify } from 'yaml';
import { ROOT } from '../../scripts/generate/actions.ts';
import { READERS, keysOf, readersOf, type Key, type Schema } from '../../scripts/generate/reference.ts';

const read = (file: string): Promise<string> => readFile(path.join(ROOT, file), 'utf8');
const files = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT, ignore: ['**/node_modules/**', '**/.cache/**', '**/.venv/**'] }).sort();

const schema = JSON.parse(await read('schemas/sluice.schema.json')) as Schema &
  Record<'$id' | '$schema', string>;
const keys: readonly Key[] = Object.entries(schema.properties ?? {}).flatMap(([name, section]) =>
  keysOf({ path: name, schema: section, required: false, variants: [] }),
);

describe('the schema of sluice.yaml', () => {
  // As the checks of schemastore.org do, whose catalogue takes strict schemas of draft 7.
  const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

  test('says what SchemaStore asks for', () => {
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: expect.stringMatching(/^https:\/\/.*\/sluice\.schema\.json$/),
      title: 'sluice.yaml',
      description: expect.stringMatching(/\.$/),
      type: 'object',
    });
  });

  test.each([...files('test/meta/sluice-yaml/valid/*.yaml'), ...files('workflows-examples/**/sluice.yaml')])(
    'takes %s, and so does the code',
    async (file) => {
      const text = await read(file);
      validate(parse(text));
      expect(validate.errors ?? []).toEqual([]);
      expect(parseYaml(text, configSchema, { name: file, reason: 'bad-config' })).toEqual(parse(text));
    },
  );

  test.each(files('test/meta/sluice-yaml/invalid/*.yaml'))(
    'refuses %s, and so does the code',
    async (file) => {
      const text = await read(file);
      expect(validate(parse(text))).toBe(false);
      expect(refusalOf(() => parseYaml(text, configSchema, { name: file, reason: 'bad-config' }))).toBe(
        'bad-config',
      );
    },
  );

  test('describes every key in a sentence', () => {
    const bare = keys.filter(({ schema: { description = '' } }) => !/\S.*[.]$/s.test(description));
    expect(bare.map(({ path: key }) => key)).toEqual([]);
  });
});

function refusalOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isUserError(error)) return error.reasonCode;
    throw error;
  }
  return 'none';
}

test('the reference says of every key who reads it, and of no other', () => {
  const plain = new Set(keys.map(({ path: key }) => key.replaceAll('[]', '')));
  expect(Object.keys(READERS).filter((key) => !plain.has(key))).toEqual([]);
  expect(keys.filter(({ path: key }) => readersOf(key) === undefined).map(({ path: key }) => key)).toEqual(
    [],
  );
});

test('README, reference and examples name the schema to editors by its address', async () => {
  const line = `# yaml-language-server: $schema=${schema.$id}`;
  const places = ['README.md', 'docs/reference.md', ...files('workflows-examples/**/sluice.yaml')];
  const texts = await Promise.all(places.map(read));
  expect(places.filter((_, index) => texts[index]?.includes(line) !== true)).toEqual([]);
});

test('the canary that the sample project has in a comment is one, and its target can do what it asks for', async () => {
  const file = 'workflows-examples/flight-delay/sluice.yaml';
  const text = await read(file);
  const [, comment = ''] = /^ {4}# target:\n((?: {4}# .*\n)+)/m.exec(text) ?? [];
  const { target, strategy } = parse(`target:\n${comment.replaceAll(/^ {4}# /gm, '')}`) as Record<
    string,
    object
  >;
  const config = parse(text) as { environments: { production: object } };
  Object.assign(config.environments.production, { target, strategy });
  const { environments } = parseYaml(stringify(config), configSchema, { name: file, reason: 'bad-config' });
  const production = environments?.['production'];
  const { name, needs } = strategyOf({
    value: production?.strategy ?? 'direct',
    name: 'strategy',
    folder: '/',
  });
  expect(name).toBe('canary');
  expect(production?.target).toMatchObject({
    type: 'command',
    capabilities: expect.arrayContaining([...needs]) as unknown,
  });
});

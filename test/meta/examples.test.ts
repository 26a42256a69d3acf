import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { environmentSection } from '@sluice/core/config/sections/environment.ts';
import { configSchema } from '@sluice/core/config/schema.ts';
import { rulesSchema } from '@sluice/core/gate/section.ts';
import { analysisSchema } from '@sluice/core/rollout/analysis/providers/schema.ts';
import { strategySchema } from '@sluice/core/rollout/strategies/schema.ts';
import { targetSchema } from '@sluice/core/serving/targets/schema.ts';
import { verifySchema } from '@sluice/core/serving/verify-schema.ts';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { globSync } from 'tinyglobby';
import { parse, stringify } from 'yaml';
import * as z from 'zod/mini';
import { ROOT } from '../../scripts/generate/actions.ts';
import { workflowValidator, yamlBlocks, type WorkflowValidator } from '@sluice/testing/language-service.ts';

const glob = (patterns: string[]): string[] =>
  globSync(patterns, {
    cwd: ROOT,
    dot: true,
    ignore: ['**/node_modules/**', '**/.venv/**', '**/.cache/**'],
  }).sort();

const workflows = glob([
  '.github/workflows/*.yml',
  'workflows-examples/*.yml',
  'workflows-examples/**/.github/workflows/*.yml',
]);
const metadata = glob(['actions/*/action.yml', 'action-templates/*/action.yml']);
const documents = glob([
  '*.md',
  'docs/**/*.md',
  'actions/*/*.md',
  'action-templates/**/*.md',
  'workflows-examples/**/*.md',
]);

let validator: WorkflowValidator;
beforeAll(async () => {
  validator = await workflowValidator();
});

describe('the validation finds', () => {
  const step = (lines: string): string =>
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${lines}`;

  test.each([
    [
      'a wrong input name',
      "- {uses: 'actions/setup-python@v6', with: {python-versio: '3'}}",
      'python-versio',
    ],
    ['an action that is not there', "- uses: 'sluice-ml/sluice/actions/none@v1'", 'Unable to resolve action'],
    [
      'an output that a step does not have',
      "- {uses: 'actions/setup-python@v6', id: p}\n      - run: echo ${{ steps.p.outputs.versions }}",
      'versions',
    ],
    ['a step that is not there', '- run: echo ${{ steps.none.outputs.x }}', 'none'],
    ['a key that is not one', '- {run: ls, wit: {}}', 'wit'],
  ])('%s', async (_, lines, named) => {
    const findings = await validator.check('.github/workflows/bad.yml', step(`      ${lines}\n`));
    expect(findings.join('\n')).toContain(named);
  });

  test('nothing in a correct workflow', async () => {
    const lines =
      "      - {uses: 'actions/setup-python@v6', id: p, with: {python-version: '3'}}\n      - run: echo ${{ steps.p.outputs.python-version }}\n";
    expect(await validator.check('.github/workflows/good.yml', step(lines))).toEqual([]);
  });
});

test.each(workflows)('workflow %s', async (file) => {
  expect(await validator.check(asWorkflow(file), await readFile(path.join(ROOT, file), 'utf8'))).toEqual([]);
});

test.each(metadata)('metadata %s', async (file) => {
  const text = await readFile(path.join(ROOT, file), 'utf8');
  expect(await validator.check(file, text)).toEqual([]);
  const { inputs, runs } = parse(text) as CompositeAction;
  if (runs.using !== 'composite') return;
  expect(await validator.check(asWorkflow(file), stringify(jobOf(inputs ?? {}, runs.steps)))).toEqual([]);
});

test.each(documents)('YAML in %s', async (file) => {
  const findings: string[] = [];
  for (const { line, text } of await yamlBlocks(path.join(ROOT, file))) {
    const found = await checkExample(`${file}:${line}`, text);
    findings.push(...found);
  }
  expect(findings).toEqual([]);
});

interface CompositeAction {
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly runs: { readonly using: string; readonly steps: readonly unknown[] };
}

/** The language service tells workflows from other files by their folder. */
function asWorkflow(file: string): string {
  return `.github/workflows/${file.replaceAll(/[/:]/g, '_').replace(/\.yml$/, '')}.yml`;
}

/** The steps of a composite action as a job, so that the inputs of what they use are checked too. */
function jobOf(inputs: Readonly<Record<string, unknown>>, steps: readonly unknown[]): unknown {
  return {
    on: {
      workflow_call: { inputs: Object.fromEntries(Object.keys(inputs).map((n) => [n, { type: 'string' }])) },
    },
    jobs: { job: { 'runs-on': 'ubuntu-latest', steps } },
  };
}

/** Checks an example of a README as what it is: a workflow or a part of one, or sluice.yaml or a part of it. */
async function checkExample(place: string, text: string): Promise<string[]> {
  const value: unknown = parse(text);
  if (Array.isArray(value)) {
    if (hasKey(value[0], 'metric')) return schemaFindings(place, text, rulesSchema);
    if (hasKey(value[0], 'provider')) return schemaFindings(place, text, z.array(analysisSchema));
    const findings = await validator.check(asWorkflow(place), stringify(jobOf({}, value)));
    return findings.filter((finding) => !isLeftOut(finding, text));
  }
  const keys = Object.keys(value as object);
  if (hasKey(value, 'runs')) return validator.check(`${place.replaceAll(/[/:]/g, '_')}/action.yml`, text);
  if (keys.some((key) => ['on', 'jobs', 'permissions', 'concurrency'].includes(key))) {
    const complete = { on: 'push', jobs: { job: { 'runs-on': 'ubuntu-latest', steps: [{ run: 'true' }] } } };
    return validator.check(
      asWorkflow(place),
      hasKey(value, 'on') && hasKey(value, 'jobs') ? text : stringify({ ...complete, ...(value as object) }),
    );
  }
  if (keys.every((key) => key in configSchema.shape)) {
    return schemaFindings(place, keys.includes('version') ? text : `version: 1\n${text}`, configSchema);
  }
  if (targetSchema.def.options.some(({ shape }) => keys.every((key) => key in shape)))
    return schemaFindings(place, text, targetSchema);
  if (hasKey(value, 'strategy'))
    return schemaFindings(place, text, z.omit(environmentSection, { target: true }));
  if (hasKey(value, 'canary')) return schemaFindings(place, text, strategySchema);
  if (keys.every((key) => key in verifySchema.shape)) return schemaFindings(place, text, verifySchema);
  if (CONTRACT_KEYS.some((key) => keys.includes(key))) return [];
  return [`${place}: not known what this example is (keys: ${keys.join(', ')})`];
}

/** A few steps out of a job may refer to a step or a job that is not shown. */
function isLeftOut(finding: string, text: string): boolean {
  const id = /Context access might be invalid: ([\w-]+)$/.exec(finding)?.[1];
  if (id === undefined || text.includes(`id: ${id}`)) return false;
  return text.includes(`steps.${id}.`) || text.includes(`needs.${id}.`);
}

/** Data contracts (ODCS) are checked by the tests of the data rules. */
const CONTRACT_KEYS = ['apiVersion', 'schema', 'quality', 'properties'];

function schemaFindings(place: string, text: string, schema: Parameters<typeof parseYaml>[1]): string[] {
  try {
    parseYaml(text, schema, { name: place, reason: 'bad-config' });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}

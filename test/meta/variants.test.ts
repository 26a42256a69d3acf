import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../scripts/generate/actions.ts';

/*
 * A variant that is named in a schema and implemented nowhere must not compile, and one that is a folder and its lines
 * in one table must compile without a change elsewhere. Both are tried on a scratch copy of the sources, all at once,
 * since compiling is what takes time.
 */

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-variants-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function copySources(name: string): Promise<string> {
  const folder = path.join(scratch, name);
  for (const sources of ['packages/core/src', 'actions', 'package.json']) {
    await cp(path.join(ROOT, sources), path.join(folder, sources), {
      recursive: true,
      filter: (file) => !file.endsWith('.test.ts'),
    });
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

/** The files with errors, each with its first one. */
async function compile(folder: string): Promise<Record<string, string>> {
  const read = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { compilerOptions: given } = read.config as { compilerOptions: object };
  const compilerOptions = { ...given, paths: { '@sluice/core/*': ['./packages/core/src/*'] } };
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, folder);
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const sources = files
    .filter((file) => /^(actions|packages)\//.test(file))
    .map((file) => path.join(folder, file));
  const found: Record<string, string> = {};
  for (const { file, messageText } of ts.getPreEmitDiagnostics(ts.createProgram(sources, options))) {
    const name = path.relative(folder, file?.fileName ?? '');
    found[name] ??= ts.flattenDiagnosticMessageText(messageText, '\n');
  }
  return found;
}

async function edit(folder: string, { file, find, replace }: Edit): Promise<void> {
  const absolute = path.join(folder, file);
  const text = find === '' ? '' : await readFile(absolute, 'utf8');
  if (!text.includes(find)) throw new Error(`${file} has no '${find}' any more; correct this test.`);
  await writeFile(absolute, text.replace(find, replace));
}

/** Compiling takes ten seconds where nothing else runs. */
const SLOW_MS = 600_000;

const CORE = 'packages/core/src';

interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

describe('does not compile', () => {
  const MUTATIONS: readonly (readonly [string, Edit, string])[] = [
    [
      'a target in the schema alone',
      {
        file: `${CORE}/serving/targets/schema.ts`,
        find: "z.discriminatedUnion('type', [",
        replace: "z.discriminatedUnion('type', [z.strictObject({ type: z.literal('kubernetes') }), ",
      },
      `${CORE}/serving/targets/index.ts`,
    ],
    [
      'a protocol in the schema alone',
      {
        file: `${CORE}/serving/protocols/schema.ts`,
        find: '[jsonSchema, templateSchema]',
        replace: "[jsonSchema, templateSchema, z.literal('v2')]",
      },
      `${CORE}/serving/protocols/index.ts`,
    ],
    [
      'a strategy in the schema alone',
      {
        file: `${CORE}/rollout/strategies/schema.ts`,
        find: 'directSchema, blueGreenSchema,',
        replace:
          'directSchema, z.strictObject({ linear: z.strictObject({ step: z.number() }) }), blueGreenSchema,',
      },
      `${CORE}/rollout/strategies/index.ts`,
    ],
    [
      'a provider in the schema alone',
      {
        file: `${CORE}/rollout/analysis/providers/schema.ts`,
        find: '  predictionsSchema,\n]',
        replace:
          "  predictionsSchema,\n  z.strictObject({ provider: z.literal('datadog'), name: z.optional(z.string()) }),\n]",
      },
      `${CORE}/rollout/analysis/providers/index.ts`,
    ],
    [
      'a kind of rule in the schema alone',
      {
        file: `${CORE}/gate/kinds/schemas.ts`,
        find: '  condition: conditionRuleSchema,',
        replace:
          '  condition: conditionRuleSchema,\n  monotone: z.strictObject({ monotone: z.string(), name: z.optional(z.string()) }),',
      },
      `${CORE}/gate/kinds/index.ts`,
    ],
    [
      'a scheme of stores without a row',
      {
        file: `${CORE}/store/store.ts`,
        find: "export type StoreScheme = 'dir'",
        replace: "export type StoreScheme = 'fake' | 'dir'",
      },
      `${CORE}/store/index.ts`,
    ],
    [
      'a registry in the schema alone',
      {
        file: `${CORE}/registry/section.ts`,
        find: '[gitSection, mlflowSection]',
        replace: "[gitSection, mlflowSection, z.strictObject({ type: z.literal('vertex') })]",
      },
      `${CORE}/registry/index.ts`,
    ],
    [
      'a source of baselines without a row',
      {
        file: `${CORE}/baseline/sources/index.ts`,
        find: "export type SourceName = 'champion'",
        replace: "export type SourceName = 'best' | 'champion'",
      },
      `${CORE}/baseline/sources/index.ts`,
    ],
    [
      'a misspelt reason code in a room',
      {
        file: `${CORE}/evidence/misspelt.ts`,
        find: '',
        replace:
          "import { UserError } from '../action/errors.ts';\nexport const error = new UserError('evidence-mising', 'x');\n",
      },
      `${CORE}/evidence/misspelt.ts`,
    ],
    [
      'a reason code that the list of an action lacks',
      {
        file: 'actions/train/foreign.ts',
        find: '',
        replace:
          "import { UserError } from '@sluice/core/action/errors.ts';\nimport type { Reason } from './definition.ts';\nexport const error = new UserError<Reason>('regression', 'x');\n",
      },
      'actions/train/foreign.ts',
    ],
  ];

  let errors: Record<string, string>;
  beforeAll(async () => {
    const folder = await copySources('mutated');
    for (const [, mutation] of MUTATIONS) await edit(folder, mutation);
    errors = await compile(folder);
  }, SLOW_MS);

  test.each(MUTATIONS)('%s', (_, __, where) => {
    expect(errors).toHaveProperty([where]);
  });
});

describe('compiles as a folder and its lines in one table', () => {
  const NEW: readonly (readonly [
    string,
    { from: string; to: string; room: string; edits: readonly Edit[] },
  ])[] = [
    [
      'a kind of rule',
      {
        from: 'new-rule-kind',
        to: `${CORE}/gate/kinds/rows`,
        room: 'gate/kinds',
        edits: [
          {
            file: `${CORE}/gate/kinds/schemas.ts`,
            find: '  condition: conditionRuleSchema,',
            replace: '  condition: conditionRuleSchema,\n  rows: rowsRuleSchema,',
          },
          {
            file: `${CORE}/gate/kinds/schemas.ts`,
            find: "import { metricRuleSchema } from './metric/schema.ts';",
            replace:
              "import { metricRuleSchema } from './metric/schema.ts';\nimport { rowsRuleSchema } from './rows/schema.ts';",
          },
          {
            file: `${CORE}/gate/kinds/index.ts`,
            find: '  condition: conditionKind,',
            replace: '  condition: conditionKind,\n  rows: rowsKind,',
          },
          {
            file: `${CORE}/gate/kinds/index.ts`,
            find: "import { metricKind } from './metric/kind.ts';",
            replace:
              "import { metricKind } from './metric/kind.ts';\nimport { rowsKind } from './rows/kind.ts';",
          },
        ],
      },
    ],
    [
      'a target',
      {
        from: 'new-target',
        to: `${CORE}/serving/targets/pointer`,
        room: 'serving/targets',
        edits: [
          {
            file: `${CORE}/serving/targets/schema.ts`,
            find: "z.discriminatedUnion('type', [",
            replace: "z.discriminatedUnion('type', [pointerSchema, ",
          },
          {
            file: `${CORE}/serving/targets/schema.ts`,
            find: "import { directorySchema } from './directory/schema.ts';",
            replace:
              "import { directorySchema } from './directory/schema.ts';\nimport { pointerSchema } from './pointer/schema.ts';",
          },
          {
            file: `${CORE}/serving/targets/index.ts`,
            find: '  directory,\n',
            replace: '  directory,\n  pointer,\n',
          },
          {
            file: `${CORE}/serving/targets/index.ts`,
            find: "import { directory } from './directory/kind.ts';",
            replace:
              "import { directory } from './directory/kind.ts';\nimport { pointer } from './pointer/kind.ts';",
          },
        ],
      },
    ],
    [
      'a protocol',
      {
        from: 'new-protocol',
        to: `${CORE}/serving/protocols/rows`,
        room: 'serving/protocols',
        edits: [
          {
            file: `${CORE}/serving/protocols/schema.ts`,
            find: '[jsonSchema, templateSchema]',
            replace: '[jsonSchema, templateSchema, rowsSchema]',
          },
          {
            file: `${CORE}/serving/protocols/schema.ts`,
            find: "import { templateSchema } from './template/schema.ts';",
            replace:
              "import { rowsSchema } from './rows/schema.ts';\nimport { templateSchema } from './template/schema.ts';",
          },
          {
            file: `${CORE}/serving/protocols/index.ts`,
            find: '  json,\n',
            replace: '  json,\n  rows,\n',
          },
          {
            file: `${CORE}/serving/protocols/index.ts`,
            find: "import { template } from './template/protocol.ts';",
            replace:
              "import { rows } from './rows/protocol.ts';\nimport { template } from './template/protocol.ts';",
          },
        ],
      },
    ],
    [
      'a strategy',
      {
        from: 'new-strategy',
        to: `${CORE}/rollout/strategies/halves`,
        room: 'rollout/strategies',
        edits: [
          {
            file: `${CORE}/rollout/strategies/schema.ts`,
            find: 'directSchema, blueGreenSchema,',
            replace: 'directSchema, halvesSchema, blueGreenSchema,',
          },
          {
            file: `${CORE}/rollout/strategies/schema.ts`,
            find: "import { directSchema } from './direct/schema.ts';",
            replace:
              "import { directSchema } from './direct/schema.ts';\nimport { halvesSchema } from './halves/schema.ts';",
          },
          {
            file: `${CORE}/rollout/strategies/index.ts`,
            find: '  direct,\n',
            replace: '  direct,\n  halves,\n',
          },
          {
            file: `${CORE}/rollout/strategies/index.ts`,
            find: "import { direct } from './direct/steps.ts';",
            replace:
              "import { direct } from './direct/steps.ts';\nimport { halves } from './halves/steps.ts';",
          },
        ],
      },
    ],
    [
      'a provider',
      {
        from: 'new-provider',
        to: `${CORE}/rollout/analysis/providers/file`,
        room: 'rollout/analysis/providers',
        edits: [
          {
            file: `${CORE}/rollout/analysis/providers/schema.ts`,
            find: '  predictionsSchema,\n]',
            replace: '  predictionsSchema,\n  fileSchema,\n]',
          },
          {
            file: `${CORE}/rollout/analysis/providers/schema.ts`,
            find: "import { httpSchema } from './http/schema.ts';",
            replace:
              "import { fileSchema } from './file/schema.ts';\nimport { httpSchema } from './http/schema.ts';",
          },
          {
            file: `${CORE}/rollout/analysis/providers/index.ts`,
            find: '  predictions,\n',
            replace: '  predictions,\n  file,\n',
          },
          {
            file: `${CORE}/rollout/analysis/providers/index.ts`,
            find: "import { http } from './http/kind.ts';",
            replace: "import { file } from './file/kind.ts';\nimport { http } from './http/kind.ts';",
          },
        ],
      },
    ],
    [
      'a store',
      {
        from: 'new-store',
        to: `${CORE}/store/temp`,
        room: 'store',
        edits: [
          {
            file: `${CORE}/store/store.ts`,
            find: "| 'mlflow';",
            replace: "| 'mlflow' | 'temp';",
          },
          {
            file: `${CORE}/store/index.ts`,
            find: '  mlflow: mlflowKind,',
            replace: '  mlflow: mlflowKind,\n  temp: tempKind,',
          },
          {
            file: `${CORE}/store/index.ts`,
            find: "import { s3Kind } from './s3/kind.ts';",
            replace: "import { s3Kind } from './s3/kind.ts';\nimport { tempKind } from './temp/kind.ts';",
          },
        ],
      },
    ],
  ];

  test.each(NEW)('%s needs lines in its own room alone', (_, { room, edits }) => {
    expect(new Set(edits.map(({ file }) => path.dirname(file)))).toEqual(new Set([`${CORE}/${room}`]));
  });

  test(
    'and all of them together',
    async () => {
      const folder = await copySources('extended');
      for (const [, { from, to, edits }] of NEW) {
        await cp(path.join(ROOT, 'action-templates', from), path.join(folder, to), { recursive: true });
        for (const one of edits) await edit(folder, one);
      }
      expect(await compile(folder)).toEqual({});
    },
    SLOW_MS,
  );
});

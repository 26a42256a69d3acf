import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import * as path from 'node:path';
import * as ts from 'typescript';
import { COMMON_REASONS } from '@sluice/core/action/reasons.ts';
import { ROOT, actionNames, readDefinition } from '../../scripts/generate/actions.ts';

const names = await actionNames();

/** What is bundled with a row of a table of which the action uses another part. */
const NEVER_CALLED: Readonly<Record<string, readonly string[]>> = {
  // They ask a registry for its settings and register nothing.
  'evaluate-gate': ['superseded'],
  'fetch-model': ['superseded'],
  // It looks at the gate's rules where there are some.
  train: ['no-rules'],
};
let program: ts.Program;

beforeAll(() => {
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)).config,
    ts.sys,
    ROOT,
  );
  program = ts.createProgram(
    names.map((name) => path.join(ROOT, 'actions', name, 'main.ts')),
    config.options,
  );
});

describe.each(names)('%s', (name) => {
  test('documents every reason with which what it runs can end it', async () => {
    const { reasons } = await readDefinition(path.join(ROOT, 'actions', name));
    const documented = new Set([
      ...Object.keys(reasons),
      ...Object.keys(COMMON_REASONS),
      ...(NEVER_CALLED[name] ?? []),
    ]);
    const missing = (await bundled(name)).flatMap((file) =>
      thrown(program, file)
        .filter((code) => !documented.has(code))
        .map((code) => `${path.relative(ROOT, file)}: ${code}`),
    );
    expect([...new Set(missing)]).toEqual([]);
  });
});

/** Our own files that are in the action's bundle; types are gone, and so is what nobody calls. */
async function bundled(name: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`actions/${name}/main.ts`],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
    plugins: [
      {
        name: 'only-ours',
        setup: (bundler) =>
          bundler.onResolve({ filter: /^[^./]/ }, ({ path: wanted, kind }) =>
            kind === 'entry-point' || wanted.startsWith('@sluice/')
              ? undefined
              : { path: wanted, external: true },
          ),
      },
    ],
  });
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => path.join(ROOT, file)),
  );
  return [...new Set(used)].filter((file) => file.endsWith('.ts')).sort();
}

/** The codes of all errors that a file makes or has made, as the compiler knows them. */
function thrown(of: ts.Program, file: string): string[] {
  const source = of.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} is in the bundle, but not in the program`);
  const checker = of.getTypeChecker();
  const codes: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) codes.push(...codesOf(checker, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return codes;
}

/**
 * The possible values of `reasonCode`, when the type is an error that has one. What is declared to return any UserError
 * (`ok` among them) got it from a `new`, where the code is known.
 */
function codesOf(checker: ts.TypeChecker, node: ts.Expression): string[] {
  const type = checker.getTypeAtLocation(node);
  const property = checker.getPropertyOfType(type, 'reasonCode');
  if (property === undefined || checker.getPropertyOfType(type, 'stack') === undefined) return [];
  const codes = checker.getTypeOfSymbol(property);
  const values = (codes.isUnion() ? codes.types : [codes]).flatMap((code) =>
    code.isStringLiteral() ? [code.value] : [],
  );
  return ts.isNewExpression(node) || !values.includes('ok') ? values : [];
}

// Builds every action into dist/<action>/main.js with shared chunks. Output is the same byte for byte on every machine.
import { build } from 'esbuild';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as path from 'node:path';
import { lazyIdentity } from './build/lazy-identity.mjs';
import { standIns } from './build/stand-ins.mjs';
import { licencesOf } from './licenses.mjs';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
const LIMIT_BYTES = 6_000_000;

export async function buildActions(outdir) {
  const names = (await readdir(path.join(root, 'actions'), { withFileTypes: true }))
    .filter((e) => e.isDirectory() && existsSync(path.join(root, 'actions', e.name, 'main.ts')))
    .map((e) => e.name)
    .sort();
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await writeFile(path.join(outdir, 'package.json'), '{"type":"module"}\n');
  const result = await build({
    absWorkingDir: root,
    entryPoints: {
      ...Object.fromEntries(names.map((n) => [`${n}/main`, `actions/${n}/main.ts`])),
      'hash-worker': 'packages/core/src/digest/hash-worker.mjs',
    },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // ES modules where a package has both forms: only they can be shaken.
    mainFields: ['module', 'main'],
    target: 'node20',
    chunkNames: 'chunks/[name]-[hash]',
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    // Stacks in bug reports keep the names of functions.
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    banner: {
      js: `import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);`,
    },
    plugins: [lazyIdentity, standIns],
  });
  const bundled = Object.values(result.metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  await writeFile(path.join(outdir, 'LICENSES.txt'), await licencesOf(root, bundled));
  const bytes = Object.values(result.metafile.outputs).reduce((sum, o) => sum + o.bytes, 0);
  if (bytes > LIMIT_BYTES) throw new Error(`dist is ${bytes} bytes, more than the ${LIMIT_BYTES} allowed.`);
  return { names, bytes };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outdir = path.resolve(root, process.argv[2] ?? 'dist');
  const { names, bytes } = await buildActions(outdir);
  console.log(
    `Built ${names.length} actions into ${path.relative(root, outdir)} (${(bytes / 1e6).toFixed(2)} MB).`,
  );
}

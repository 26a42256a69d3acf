import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Modules that the bundles carry in another form (docs/decisions/stand-ins-in-the-bundle.md). A name that a stand-in does not
 * export, but that some package imports, fails the build.
 */
const STAND_INS = [
  {
    // DuckDB's native part is fetched at run time; its JavaScript part loads it from where the loader put it.
    module: /^@duckdb\/node-bindings$/,
    file: file('../../packages/core/src/data/duckdb-binding.cjs'),
  },
  {
    // Bundled, the real one waits for ever behind a proxy.
    module: /^make-fetch-happen$/,
    file: file('stand-ins/make-fetch-happen.mjs'),
  },
];

export const standIns = {
  name: 'stand-ins',
  setup(bundle) {
    for (const { module, file: path } of STAND_INS) {
      bundle.onResolve({ filter: module }, () => ({ path }));
    }
  },
};

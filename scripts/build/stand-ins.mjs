import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Modules that the bundles carry in a smaller form, since the users of the suite load what is in dist/ on every run. A name
 * that a stand-in does not export, but that some package imports, fails the build.
 */
const STAND_INS = [
  {
    // DuckDB's native part is fetched at run time; its JavaScript part loads it from where the loader put it.
    module: /^@duckdb\/node-bindings$/,
    file: file('../../packages/core/src/data/duckdb-binding.cjs'),
  },
  {
    // 0.75 MB: a cache on disk, SOCKS and the encodings of the world. Sigstore's libraries, which import it, only send small
    // requests that must not come from a cache.
    module: /^make-fetch-happen$/,
    file: file('stand-ins/make-fetch-happen.mjs'),
  },
  {
    // 0.1 MB: web sockets, event sources, mocks, cookies. The runner's libraries import two names of it.
    module: /^undici$/,
    file: file('stand-ins/undici.mjs'),
  },
  {
    // 65 kB: the HTTP parser is in undici twice. The one without SIMD runs on every processor; undici falls back on it itself.
    module: /\/llhttp_simd-wasm\.js$/,
    file: file('../../node_modules/undici/lib/llhttp/llhttp-wasm.js'),
  },
  {
    // 84 kB: a method for each of GitHub's operations. The suite and @actions/attest name operations by their route.
    module: /^@octokit\/plugin-rest-endpoint-methods$/,
    file: file('stand-ins/octokit-rest-methods.mjs'),
  },
  {
    // 28 kB: retries of @actions/attest when it files a signature, which it is told not to do.
    module: /^@octokit\/plugin-retry$/,
    importer: /@actions\/attest/,
    file: file('stand-ins/octokit-retry.mjs'),
  },
  {
    // 37 kB: tells browsers apart, for AWS's client in a browser.
    module: /^bowser$/,
    importer: /@aws-sdk\/core/,
    file: file('stand-ins/bowser.mjs'),
  },
  {
    // 87 kB: a checksum that Azure's client computes on request; @actions/cache never requests it.
    module: /^\.\/crc64\.js$/,
    importer: /@azure\/storage-common/,
    file: file('stand-ins/azure-crc64.mjs'),
  },
];

export const standIns = {
  name: 'stand-ins',
  setup(bundle) {
    for (const { module, importer = /./, file: path } of STAND_INS) {
      bundle.onResolve({ filter: module }, (args) => (importer.test(args.importer) ? { path } : undefined));
    }
  },
};

/**
 * The layers of tests, from the bottom, as jest's projects: `npm run jest -- --selectProjects=contract --watch`.
 * The lowest needs the npm packages alone, and is a matter of seconds; what needs Python, a build or servers is above it.
 */
const PROCESSES = '*.process.test.ts';
const LAYERS = {
  unit: ['{packages,actions,scripts}/**/*.test.ts', `!**/${PROCESSES}`],
  process: [`{packages,actions,scripts}/**/${PROCESSES}`],
  contract: ['test/contract/**/*.test.ts'],
  reference: ['test/reference/**/*.test.ts'],
  meta: ['test/meta/**/*.test.ts'],
  acceptance: ['test/acceptance/**/*.test.ts'],
  chain: ['test/chain/**/*.test.ts'],
  e2e: ['test/e2e/**/*.test.ts'],
};
const layer = ([displayName, patterns]) => ({
  displayName,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: patterns.map((pattern) => pattern.replace(/^(?!!)/, '<rootDir>/')),
  modulePathIgnorePatterns: ['<rootDir>/.scratch', '<rootDir>/.cache', '<rootDir>/.venv'],
});

export default {
  projects: Object.entries(LAYERS).map(layer),
  // Tests start real processes, and a busy machine is slow.
  testTimeout: 60_000,
  watchman: false,
};

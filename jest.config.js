/**
 * The layers of tests, from the bottom, as jest's projects: `npm run jest -- --selectProjects=contract --watch`.
 * The lowest needs the npm packages alone, and is a matter of seconds; what needs Python, a build or servers is above it.
 */
const LAYERS = {
  unit: ['{packages,actions,scripts}/**'],
  contract: ['test/contract/**'],
  reference: ['test/reference/**'],
  meta: ['test/meta/**'],
  acceptance: ['test/acceptance/**'],
  chain: ['test/chain/**'],
  e2e: ['test/e2e/**'],
};
const layer = ([displayName, folders]) => ({
  displayName,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: folders.map((folder) => `<rootDir>/${folder}/*.test.ts`),
  modulePathIgnorePatterns: ['<rootDir>/.scratch', '<rootDir>/.cache', '<rootDir>/.venv'],
});

export default {
  projects: Object.entries(LAYERS).map(layer),
  // Tests start real processes, and a busy machine is slow.
  testTimeout: 60_000,
  watchman: false,
};

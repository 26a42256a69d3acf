/** One configuration for all layers but the end-to-end tests; `npm test` picks layers by path. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/{packages,actions,test,scripts}/**/*.test.ts', '!**/test/e2e/**'],
  modulePathIgnorePatterns: ['<rootDir>/.scratch', '<rootDir>/.cache', '<rootDir>/.venv'],
  // Tests start real processes, and a busy machine is slow.
  testTimeout: 60_000,
  watchman: false,
};

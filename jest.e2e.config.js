import base from './jest.config.js';

/** The end-to-end tests: real servers, which `npm run test:e2e` installs and each test file starts and stops. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  // Python starts slowly, above all on a busy machine.
  testTimeout: 240_000,
};

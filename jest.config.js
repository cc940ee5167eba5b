/** Unit, contract, model and end-to-end tests: everything that needs nothing but npm. */
export const everything = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/interop/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, diagnostics: false }] },
  // Not `x.json.js`: libphonenumber-js wraps its data so.
  moduleNameMapper: { '^(\\.{1,2}/.*)(?<!\\.json)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** The specs of the REST contract once more, word for word, before the engine of a switch outside. */
const contractOnSwitch = {
  ...everything,
  displayName: 'broadworks',
  testMatch: ['<rootDir>/test/e2e/contract/**/*.spec.ts'],
  setupFiles: ['<rootDir>/test/support/broadworks/choose-engine.ts'],
};

export default {
  projects: [everything, contractOnSwitch],
  // For what hangs: how long something takes is said by the tests that are about it.
  testTimeout: 20_000,
};

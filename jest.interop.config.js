import { everything } from './jest.config.js';

/** Real phones: needs the Debian packages baresip, sip-tester, tshark and rtpengine-daemon. */
export default {
  ...everything,
  testMatch: ['<rootDir>/test/interop/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 90_000,
};

import { describeCallEngine } from '../../contracts/call-engine.contract.js';
import { BroadWorksHarness } from '../../support/broadworks/broadworks-harness.js';

describe('the BroadWorks engine', () => {
  describeCallEngine(() => new BroadWorksHarness());
});

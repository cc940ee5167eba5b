import { describeCallEngine } from '../../contracts/call-engine.contract.js';
import { SipHarness } from '../../support/sip-harness.js';

describe('the SIP engine', () => {
  describeCallEngine(() => new SipHarness());
});

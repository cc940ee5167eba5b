import { callEngineContract } from '../../contracts/call-engine.contract.js';
import { BroadWorksHarness } from '../../support/broadworks/broadworks-harness.js';

callEngineContract('broadworks', () => new BroadWorksHarness());

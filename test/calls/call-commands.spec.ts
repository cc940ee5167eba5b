import type { Call, CallState } from '../../src/calls/domain/call.js';
import type { CallBegan } from '../../src/calls/domain/call-fact.js';
import { allowedCommands, applyFact, beginCall, TRANSITIONS } from '../../src/calls/domain/call-lifecycle.js';
import { aFact, aNewCall, OUTCOMES } from '../support/some-calls.js';

const STATES = Object.keys(TRANSITIONS) as CallState[];

function callIn(state: CallState, kind: CallBegan['kind'] = 'originated'): Call {
  return { ...beginCall({ ...(aNewCall().fact as CallBegan), kind }, 1), state };
}

const TALKING = ['hold', 'blindTransfer', 'consultativeTransfer', 'startRecording', 'retrieve', 'release'];
const HOLDING = [
  'reconnect',
  'blindTransfer',
  'consultativeTransfer',
  'startRecording',
  'retrieve',
  'release',
];

describe('what a user may ask', () => {
  it.each([
    ['originated', 'Alerting', ['consultativeTransfer', 'release']],
    ['received', 'Alerting', ['blindTransfer', 'release']],
    ['dialed', 'Alerting', ['release']],
    ['originated', 'Answered', ['consultativeTransfer', 'release']],
    ['received', 'Active', TALKING],
    ['received', 'Held', HOLDING],
    ['received', 'Remote Held', TALKING],
    ['received', 'Both Held', HOLDING],
    ['received', 'Detached', ['retrieve', 'release']],
    ['received', 'Released', []],
  ] as const)('of a call %s that is %s: %j', (kind, state, commands) => {
    expect(allowedCommands(callIn(state, kind))).toEqual(commands);
  });

  it('what carries out an allowed command is in the tables', () => {
    for (const state of STATES) {
      for (const command of allowedCommands(callIn(state))) {
        expect(applyFact(callIn(state), aFact(OUTCOMES[command], callIn(state).callId))).toBeDefined();
      }
    }
  });
});

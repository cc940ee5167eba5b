import type { CallSwitch } from './calls/call-switch.ts';
import { callXml } from './calls/call-xml.ts';
import { hold, reconnect, talk } from './calls/hold.ts';
import type { Imrns } from './calls/imrn.ts';
import { clickToDial } from './calls/place-call.ts';
import { commandRecording } from './calls/recording.ts';
import { release } from './calls/release.ts';
import { retrieve } from './calls/retrieve.ts';
import { type CallHalf, stateOf } from './calls/session.ts';
import { blindTransfer } from './calls/blind-transfer.ts';
import { consultTransfer } from './calls/consult-transfer.ts';
import { noSuchCall, noSuchUser, notFound, wrongMethod } from './errors.ts';
import { type Answer, type Asked, DONE, must } from './http.ts';
import type { SwitchUser } from './world.ts';
import { leaf, plainDocument } from './xml.ts';

/** Facts: Xsi-Actions, the table of requests. The path begins after `user/{userId}`. */
export class Actions {
  private readonly calls: CallSwitch;
  private readonly imrns: Imrns;

  constructor(calls: CallSwitch, imrns: Imrns) {
    this.calls = calls;
    this.imrns = imrns;
  }

  /** @throws Refused */
  async answer(userId: string, rest: string[], asked: Asked): Promise<Answer> {
    const user = this.calls.world.user(userId);
    if (!user) throw noSuchUser();
    const [room, name, action, of, ...more] = rest;
    if (room?.toLowerCase() !== 'calls' || more.length > 0) throw notFound();
    if (name === undefined) return this.onList(user, asked);
    if (action === undefined) {
      switch (name.toLowerCase()) {
        case 'new':
          return this.onNew(user, asked);
        case 'callretrieve':
          must(asked, 'POST');
          return started(user, retrieve(this.calls, user));
        case 'imrn':
          return this.onImrn(user, asked);
        default:
          return this.onCall(user, name, asked);
      }
    }
    must(asked, 'PUT');
    await this.command(user, this.calls.call(user, name), action.toLowerCase(), of, asked.query);
    return DONE;
  }

  private onList(user: SwitchUser, asked: Asked): Answer {
    must(asked, 'GET');
    // Facts: Xsi-Actions, "list". Assumption: no call is in a conference; detached calls are in the list.
    const list = this.calls
      .callsOf(user)
      .map(
        ({ callId }) =>
          `<call inConference="false">${leaf('', 'callId', callId)}${leaf('', 'uri', uriOf(user, callId))}</call>`,
      );
    return { status: 200, body: plainDocument('Calls', list.join('')) };
  }

  private onNew(user: SwitchUser, asked: Asked): Answer {
    must(asked, 'POST');
    return started(user, clickToDial(this.calls, user, asked.query.get('address') ?? ''));
  }

  private onCall(user: SwitchUser, callId: string, { method, query }: Asked): Answer {
    const half = this.calls.call(user, callId);
    if (method === 'DELETE') {
      const reason = query.get('decline') === 'true' ? (query.get('declineReason') ?? '') : undefined;
      release(this.calls, half, reason);
      return DONE;
    }
    if (method !== 'GET') throw wrongMethod();
    // Facts: Xsi-Actions, "`?allowDetached=True` for detached ones".
    if (stateOf(half) === 'Detached' && !/^true$/i.test(query.get('allowDetached') ?? '')) throw noSuchCall();
    return { status: 200, body: plainDocument('Call', callXml(this.calls, half, '', 'xsi')) };
  }

  private onImrn(user: SwitchUser, asked: Asked): Answer {
    must(asked, 'POST');
    const calling = asked.query.get('callingPartyAddress') ?? '';
    const imrn = this.imrns.lease(user, calling, asked.query.get('calledPartyAddress') ?? '');
    return { status: 201, body: plainDocument('IMRNInfo', leaf('', 'imrn', imrn)) };
  }

  private command(
    user: SwitchUser,
    half: CallHalf,
    action: string,
    of: string | undefined,
    query: URLSearchParams,
  ): void | Promise<void> {
    if (action === 'consulttransfer' && of !== undefined) {
      return consultTransfer(this.calls, half, this.calls.call(user, of));
    }
    if (of !== undefined) throw notFound();
    switch (action) {
      case 'hold':
        return hold(this.calls, half);
      case 'reconnect':
        return reconnect(this.calls, half);
      case 'talk':
        return talk(this.calls, half);
      case 'blindtransfer':
        return blindTransfer(this.calls, half, query.get('address') ?? '');
      case 'record':
        return commandRecording(this.calls, half, 'Record');
      case 'pauserecording':
        return commandRecording(this.calls, half, 'PauseRecording');
      case 'resumerecording':
        return commandRecording(this.calls, half, 'ResumeRecording');
      case 'stoprecording':
        return commandRecording(this.calls, half, 'StopRecording');
      default:
        throw notFound();
    }
  }
}

/** Facts: Xsi-Actions, "201, CallStartInfo{callId, externalTrackingId}, Location". */
function started(user: SwitchUser, half: CallHalf): Answer {
  const content =
    leaf('', 'callId', half.callId) + leaf('', 'externalTrackingId', half.side.session.trackingId);
  return {
    status: 201,
    body: plainDocument('CallStartInfo', content),
    headers: { location: `/com.broadsoft.xsi-actions${uriOf(user, half.callId)}` },
  };
}

function uriOf(user: SwitchUser, callId: string): string {
  return `/v2.0/user/${user.userId}/calls/${callId}`;
}

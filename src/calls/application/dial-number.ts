import { Injectable } from '@nestjs/common';
import { addressOf, type User } from '../../directory/domain/user.js';
import { CallRefused } from '../domain/call-refused.js';
import { Admission } from './admission.js';
import { CallEngine, type DialOrder, remotePartyFor } from './call-engine.js';
import { nameCall } from './call-context.js';
import { newCallId, newTrackingId } from './call-ids.js';
import { CallJournal } from './call-journal.js';
import { FindDestination } from './find-destination.js';

/** Click-to-dial (reference page, "Call phone number"): the call is stored, then its engine is asked. */
@Injectable()
export class DialNumber {
  constructor(
    private readonly admission: Admission,
    private readonly destinations: FindDestination,
    private readonly journal: CallJournal,
    private readonly engine: CallEngine,
  ) {}

  /** @throws CallRefused shuttingDown, noChargeAddress, invalidPhoneNumber, endpointState */
  async dial(user: User, phoneNumber: string): Promise<{ callId: string; externalTrackingId: string }> {
    this.admission.mustBeOpen();
    const callerAddress = addressOf(user);
    if (!callerAddress) throw new CallRefused('noChargeAddress');
    const destination = this.destinations.find(user, phoneNumber);
    const device = user.devices[0];
    if (!device || !this.engine.canRing(user)) throw new CallRefused('endpointState');

    const order: DialOrder = {
      callId: newCallId(),
      externalTrackingId: newTrackingId(),
      caller: user,
      callerAddress,
      destination,
    };
    nameCall({ callId: order.callId, externalTrackingId: order.externalTrackingId });
    const prepared = this.engine.prepareDial(order);
    await this.journal.open({
      sessionId: order.externalTrackingId,
      ...(prepared !== undefined && { state: prepared }),
      facts: [
        {
          kind: 'dialed',
          callId: order.callId,
          at: Date.now(),
          owner: user.ref,
          externalTrackingId: order.externalTrackingId,
          remoteParty: remotePartyFor(user.ref, destination.address, destination.user?.ref),
          endpoint: { addressOfRecord: device.addressOfRecord },
          recordingMode: user.recordingMode,
        },
      ],
    });
    await this.engine.dial(order, prepared);
    return { callId: order.callId, externalTrackingId: order.externalTrackingId };
  }
}

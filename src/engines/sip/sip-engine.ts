import { Logger } from '@nestjs/common';
import type { Admission } from '../../calls/application/admission.js';
import { nameCall } from '../../calls/application/call-context.js';
import {
  CallEngine,
  type CallIds,
  type Destination,
  type DialOrder,
  EngineRefusal,
  type StepRecorder,
} from '../../calls/application/call-engine.js';
import { newCallId, newTrackingId } from '../../calls/application/call-ids.js';
import type { StoredSession } from '../../calls/application/call-repository.js';
import type { FindDestination } from '../../calls/application/find-destination.js';
import type { Call } from '../../calls/domain/call.js';
import type { Directory } from '../../directory/application/directory.js';
import type { User } from '../../directory/domain/user.js';
import type { AnchorCalls } from '../../imrn/application/anchor-calls.js';
import type { Media } from '../../media/media.js';
import { SipStack } from '../../sip/sip-stack.js';
import { AudioPath } from './audio-path.js';
import { BlindTransfer } from './transfers/blind-transfer.js';
import { ClickToDial } from './click-to-dial.js';
import { ConsultativeTransfer } from './transfers/consultative-transfer.js';
import { DeviceLoss } from './device-loss.js';
import { HangUp } from './hang-up.js';
import { IncomingRequests } from './incoming-requests.js';
import { Legs } from './legs.js';
import type { LiveSession } from './live-session.js';
import { MediaChanges } from './media-changes.js';
import { PhoneAuthentication } from './phones/phone-authentication.js';
import { PhoneCall } from './phone-call.js';
import { PhoneChanges } from './phone-changes.js';
import { RecordCalls } from './record-calls.js';
import { Refer } from './transfers/refer.js';
import { Registrar } from './phones/registrar.js';
import type { RegistrationStore } from './phones/registration-store.js';
import { ReplaceParty } from './transfers/replace-party.js';
import { Resume } from './resume.js';
import { Retrieve } from './transfers/retrieve.js';
import { RingParty } from './ring-party.js';
import { Routing } from './phones/routing.js';
import type { Party } from './session.js';
import { MIN_INTERVAL_S } from './session-refresh.js';
import { SessionWatch } from './session-watch.js';
import { Sessions } from './sessions.js';
import type { SipEngineSettings, SipFigures, SipServices } from './sip-services.js';
import { endStrayAnswer } from './stray-answers.js';
import { withTrunkAddress } from './trunk-address.js';

/** The embedded engine: a back-to-back user agent with registrar, for phones and a trunk (RFC 3261, 3725, 5359). */
export class SipEngine extends CallEngine {
  private readonly logger = new Logger(SipEngine.name);
  private readonly sessions = new Sessions();
  private parts: ReturnType<SipEngine['assemble']> | undefined;

  constructor(
    private readonly settings: SipEngineSettings,
    private readonly directory: Directory,
    private readonly destinations: FindDestination,
    private readonly registrations: RegistrationStore,
    private readonly media: Media,
    private readonly anchors: AnchorCalls,
    private readonly admission: Admission,
  ) {
    super();
  }

  override async start(
    recorder: StepRecorder,
    found: { calls: Call[]; sessions: StoredSession[] },
  ): Promise<void> {
    const parts = this.assemble(recorder, await withTrunkAddress(this.settings));
    await parts.registrar.load();
    await this.media.start();
    await parts.stack.start();
    this.parts = parts;
    await parts.resume.run(found);
    parts.watch.start();
    this.logger.log(`SIP on ${parts.stack.host}:${parts.stack.port} (UDP and TCP)`);
  }

  override async stop(): Promise<void> {
    this.parts?.watch.stop();
    for (const live of this.sessions.all()) live.abandon();
    await this.parts?.stack.stop();
    this.parts?.registrar.stop();
    await this.media.stop();
  }

  /** Where phones register, once started. */
  get address(): { host: string; port: number } {
    const { host, port } = this.running.stack;
    return { host, port };
  }

  override get serving(): boolean {
    return this.parts?.stack.listening ?? false;
  }

  /** It is the switch. */
  override outOfStep(): Promise<string[]> {
    return Promise.resolve([]);
  }

  /** For metrics; undefined before the start. */
  get figures(): SipFigures | undefined {
    if (!this.parts) return undefined;
    const { stack, registrar } = this.parts;
    const { traffic, counts } = stack;
    return { traffic, counts, registrations: registrar.size, sessions: this.sessions.size };
  }

  override canRing(user: User): boolean {
    return this.running.routing.canReach(user);
  }

  override async dial(order: DialOrder): Promise<CallIds> {
    const ids = { callId: newCallId(), externalTrackingId: newTrackingId() };
    nameCall(ids);
    await this.running.clickToDial.begin(order, ids);
    return ids;
  }

  override async hold(call: Call): Promise<void> {
    const { live, party } = this.find(call);
    return confirmed(live, this.inTime(this.running.mediaChanges.hold(live, party)));
  }

  override async reconnect(call: Call): Promise<void> {
    const { live, party } = this.find(call);
    return confirmed(live, this.inTime(this.running.mediaChanges.reconnect(live, party)));
  }

  override async release(call: Call): Promise<void> {
    const { live, party } = this.find(call);
    if (party === live.state.joining?.party) return this.running.hangUp.withdraw(live, party);
    const cause = live.state.established ? 'normal' : 'canceled';
    await this.running.hangUp.end(live, { cause, by: party });
  }

  override async blindTransfer(call: Call, destination: Destination): Promise<void> {
    const { live, party } = this.find(call);
    return confirmed(live, this.running.blindTransfer.run(live, party, destination));
  }

  override async consultativeTransfer(call: Call, consulted: Call): Promise<void> {
    const stays = this.find(call);
    return confirmed(stays.live, this.running.consultativeTransfer.run(stays, this.find(consulted)));
  }

  override async retrieve(call: Call, user: User): Promise<CallIds> {
    const { live, party } = this.find(call);
    const ids = { callId: newCallId(), externalTrackingId: live.state.id };
    nameCall(ids);
    await this.running.retrieve.run(live, party, user, ids.callId);
    return ids;
  }

  override async startRecording(call: Call): Promise<void> {
    const { live, party } = this.find(call);
    return confirmed(live, this.running.recordings.start(live, party));
  }

  override async pauseRecording(call: Call): Promise<void> {
    const { live, party } = this.find(call);
    return confirmed(live, this.running.recordings.pause(live, party));
  }

  override async resumeRecording(call: Call): Promise<void> {
    const { live, party } = this.find(call);
    return confirmed(live, this.running.recordings.resume(live, party));
  }

  override async stopRecording(call: Call): Promise<void> {
    const { live, party } = this.find(call);
    return confirmed(live, this.running.recordings.stop(live, party));
  }

  /** It is the switch itself, so that what is stored is true. */
  override catchUp(): Promise<'store'> {
    return Promise.resolve('store');
  }

  private find(call: Call): { live: LiveSession; party: Party } {
    const live = this.sessions.get(call.externalTrackingId);
    const party = live?.everyone.find(({ callId }) => callId === call.callId);
    if (!live || live.over || !party) throw new EngineRefusal('callGone');
    return { live, party };
  }

  /** The command goes on when its time is up: should the phone still answer, the fact follows. */
  private async inTime(command: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new EngineRefusal('timeout')), this.settings.commandTimeoutMs);
    });
    try {
      await Promise.race([command, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private get running() {
    if (!this.parts) throw new Error('The SIP engine is not started');
    return this.parts;
  }

  private assemble(recorder: StepRecorder, settings: SipEngineSettings) {
    const { directory, sessions } = this;
    const stack: SipStack = new SipStack({
      host: settings.host,
      port: settings.port,
      ...(settings.timers && { timers: settings.timers }),
      handlers: {
        onRequest: (transaction) => incoming.receive(transaction),
        onAck: (ack) => incoming.receiveAck(ack),
        onError: (error) => this.logger.error(`SIP: ${error instanceof Error ? error.stack : String(error)}`),
        onStrayInviteSuccess: (response, source) => endStrayAnswer(stack, sessions, response, source),
      },
    });
    const services: SipServices = { stack, settings, recorder };
    const authentication = new PhoneAuthentication(directory, settings);
    const registrar = new Registrar(this.registrations, authentication);
    const legs = new Legs(stack, registrar, {
      expires: settings.sessionExpiresSeconds,
      minimum: MIN_INTERVAL_S,
    });
    const audio = new AudioPath(this.media);
    const recordings = new RecordCalls(this.media, sessions);
    const hangUp = new HangUp(legs, sessions, audio, recordings);
    const routing = new Routing(services, registrar);
    const ringParty = new RingParty(services, legs, hangUp);
    const clickToDial = new ClickToDial(
      services,
      legs,
      routing,
      sessions,
      ringParty,
      hangUp,
      audio,
      recordings,
    );
    const deviceLoss = new DeviceLoss(services, directory, routing, recordings, hangUp);
    const mediaChanges = new MediaChanges(legs, deviceLoss, audio, recordings);
    const replaceParty = new ReplaceParty(legs, audio, ringParty, hangUp, recordings);
    const blindTransfer = new BlindTransfer(services, routing, replaceParty);
    const consultativeTransfer = new ConsultativeTransfer(
      legs,
      audio,
      sessions,
      mediaChanges,
      hangUp,
      recordings,
    );
    const incoming = new IncomingRequests(
      services,
      sessions,
      registrar,
      authentication,
      directory,
      this.destinations,
      routing,
      legs,
      new PhoneCall(services, legs, routing, sessions, ringParty, hangUp, audio, recordings),
      new PhoneChanges(legs, hangUp, deviceLoss, audio, recordings),
      new Refer(directory, this.destinations, sessions, legs, blindTransfer, consultativeTransfer),
      this.anchors,
      hangUp,
      this.admission,
    );
    return {
      recorder,
      stack,
      registrar,
      routing,
      clickToDial,
      hangUp,
      mediaChanges,
      blindTransfer,
      consultativeTransfer,
      retrieve: new Retrieve(services, routing, replaceParty),
      recordings,
      resume: new Resume(stack, sessions, hangUp, replaceParty, audio, recordings, recorder),
      watch: new SessionWatch(sessions, legs, hangUp, deviceLoss),
    };
  }
}

/** What the command has brought about, also where it is refused at last, is stored by then. */
async function confirmed(live: LiveSession, command: Promise<void>): Promise<void> {
  try {
    await command;
  } finally {
    await live.stored();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireDebian } from './debian.js';

const SIPP = '/usr/bin/sipp';
/** The trunk's address; the service takes calls from there. */
export const TRUNK = { host: '127.0.0.9', port: 5090 };

const SDP = `v=0
o=trunk 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 30000 RTP/AVP 0
a=rtpmap:0 PCMU/8000`;

const IN_DIALOG = `[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]`;

const response = (status: string, options: { tag?: boolean; sdp?: boolean; retrans?: boolean } = {}) => `
  <send${options.retrans ? ' retrans="500"' : ''}><![CDATA[
SIP/2.0 ${status}
${options.tag ? IN_DIALOG.replace('[last_To:]', '[last_To:];tag=trunk[call_number]') : IN_DIALOG}
Contact: <sip:trunk@[local_ip]:[local_port]>
${options.sdp ? `Content-Type: application/sdp\nContent-Length: [len]\n\n${SDP}` : 'Content-Length: 0\n'}
]]></send>`;

const refuses = (status: string) => `
  <recv request="INVITE"/>${response(status, { tag: true, retrans: true })}
  <recv request="ACK"/>`;

const REMEMBER = `<action>
    <ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
    <ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
    <ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="contact"/>
  </action>`;

/** What the trunk does with one call. */
export const TRUNK_SCENARIOS = {
  answers: `
  <recv request="INVITE"/>${response('180 Ringing', { tag: true })}
  <pause milliseconds="200"/>${response('200 OK', { tag: true, sdp: true, retrans: true })}
  <recv request="ACK"/>
  <label id="1"/>
  <recv request="INVITE" optional="true" next="2"/>
  <recv request="BYE" next="3"/>
  <label id="2"/>${response('200 OK', { sdp: true, retrans: true })}
  <recv request="ACK" next="1"/>
  <label id="3"/>${response('200 OK')}`,
  hangsUp: `
  <recv request="INVITE">${REMEMBER}</recv>${response('200 OK', { tag: true, sdp: true, retrans: true })}
  <recv request="ACK"/>
  <pause milliseconds="1000"/>
  <send retrans="500"><![CDATA[
BYE [$contact] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [$to];tag=trunk[call_number]
To: [$from]
[last_Call-ID:]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>`,
  ringsForEver: `
  <recv request="INVITE"/>${response('180 Ringing', { tag: true })}
  <recv request="CANCEL"/>${response('200 OK', { tag: true })}
  <send retrans="500"><![CDATA[
SIP/2.0 487 Request Terminated
[last_Via:]
[last_From:]
[last_To:];tag=trunk[call_number]
[last_Call-ID:]
CSeq: 1 INVITE
Content-Length: 0

]]></send>
  <recv request="ACK"/>`,
  isBusy: refuses('486 Busy Here'),
  declines: refuses('603 Decline'),
  knowsNoSuchNumber: refuses('404 Not Found'),
};

const callsIn = (number: string, from: string) => `
  <send retrans="500"><![CDATA[
INVITE sip:${number}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${from}@[local_ip]:[local_port]>;tag=in[call_number]
To: <sip:${number}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:${from}@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

${SDP}
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rtd="true"/>
  <send><![CDATA[
ACK sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${from}@[local_ip]:[local_port]>;tag=in[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <pause milliseconds="1500"/>
  <send retrans="500"><![CDATA[
BYE sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:${from}@[local_ip]:[local_port]>;tag=in[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>`;

/** A caller of its own; `branch` is the same throughout, as CANCEL and the ACK of a refusal need it. */
const caller = (number: string, from: string, { offers }: { offers: boolean }) => {
  const request = (method: string, cseq: number, options: { to?: string; sdp?: string; own?: boolean }) => `
  <send${method === 'ACK' ? '' : ' retrans="500"'}><![CDATA[
${method} sip:${number}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${options.own ? '[branch]' : 'z9hG4bK-[pid]-in'}
From: <sip:${from}@[local_ip]:[local_port]>;tag=in[call_number]
${options.to ?? `To: <sip:${number}@[remote_ip]:[remote_port]>`}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:${from}@[local_ip]:[local_port]>
Max-Forwards: 70
${options.sdp ? `Content-Type: application/sdp\nContent-Length: [len]\n\n${options.sdp}` : 'Content-Length: 0\n'}
]]></send>`;
  const known = { to: '[last_To:]', own: true };
  return {
    invite: request('INVITE', 1, offers ? { sdp: SDP } : {}),
    inviteAgain: request('INVITE', 2, known),
    cancel: request('CANCEL', 1, {}),
    acceptAnswerless: (cseq: number, sdp: string) => request('ACK', cseq, { ...known, sdp }),
    ackRefusal: request('ACK', 1, { to: '[last_To:]' }),
    bye: request('BYE', 3, known),
  };
};

function cancelsWhileRinging(number: string, from: string): string {
  const { invite, cancel, ackRefusal } = caller(number, from, { offers: true });
  return `${invite}
  <recv response="100" optional="true"/>
  <recv response="180"/>
  <pause milliseconds="500"/>${cancel}
  <recv response="200"/>
  <recv response="487"/>${ackRefusal}`;
}

const INACTIVE = `${SDP}\na=inactive`;

function asksForOffers(number: string): string {
  const { invite, inviteAgain, acceptAnswerless, bye } = caller(number, 'asker', { offers: false });
  const offered = `
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200"><action>
    <ereg regexp="a=sendrecv" search_in="body" check_it="true" assign_to="offer"/>
    <log message="offered [$offer]"/>
  </action></recv>`;
  return `${invite}${offered}${acceptAnswerless(1, INACTIVE)}
  <pause milliseconds="300"/>${inviteAgain}${offered}${acceptAnswerless(2, INACTIVE)}
  <pause milliseconds="300"/>${bye}
  <recv response="200"/>`;
}

/** sipp as the trunk, for one call. */
export class SippTrunk {
  private readonly folder = mkdtempSync(join(tmpdir(), 'sipp-'));
  private readonly process: ChildProcess;
  private output = '';

  private constructor(steps: string, args: string[]) {
    requireDebian(SIPP, 'sip-tester');
    const file = join(this.folder, 'scenario.xml');
    writeFileSync(
      file,
      `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="trunk">${steps}\n</scenario>\n`,
    );
    const own = [
      '-i',
      TRUNK.host,
      '-p',
      String(TRUNK.port),
      '-m',
      '1',
      '-nostdin',
      '-timeout',
      '25s',
      '-timeout_error',
    ];
    const errors = ['-trace_err', '-error_file', join(this.folder, 'errors.log')];
    this.process = spawn(SIPP, [...args, '-sf', file, ...own, ...errors], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-5_000);
      });
    }
  }

  /** Waits for one call from the service. */
  static serves(scenario: keyof typeof TRUNK_SCENARIOS): SippTrunk {
    return new SippTrunk(TRUNK_SCENARIOS[scenario], []);
  }

  /** Calls a user of the service, talks for a while and hangs up. */
  static calls(number: string, from: string, service: { host: string; port: number }): SippTrunk {
    return new SippTrunk(callsIn(number, from), [`${service.host}:${service.port}`]);
  }

  /** Calls a user of the service and gives up while it rings. */
  static givesUp(number: string, from: string, service: { host: string; port: number }): SippTrunk {
    return new SippTrunk(cancelsWhileRinging(number, from), [`${service.host}:${service.port}`]);
  }

  /** Calls a phone without an offer, twice in one dialog, and answers each of its offers with inactive. */
  static asksForOffers(user: string, phone: { host: string; port: number }): SippTrunk {
    return new SippTrunk(asksForOffers(user), [`${phone.host}:${phone.port}`]);
  }

  /** Resolves when the scenario went through to its end as written. @throws Error with sipp's last words */
  async done(): Promise<void> {
    const status =
      this.process.exitCode ??
      (await new Promise<number | null>((resolve) => {
        this.process.once('exit', resolve);
      }));
    rmSync(this.folder, { recursive: true, force: true });
    if (status !== 0) throw new Error(`sipp ended with ${status}:\n${this.output}`);
  }

  stop(): void {
    if (this.process.exitCode === null) this.process.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

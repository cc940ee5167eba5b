const SDP = `v=0
o=trunk 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 0
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

/** A file of µ-law beside the scenario, over and over. */
export const TONE_FILE = 'tone.ulaw';
const SPEAK = `
  <nop><action><exec rtp_stream="${TONE_FILE},-1,0"/></action></nop>`;

/** Answers re-INVITEs until the other side hangs up. */
const CONVERSE = `${SPEAK}
  <label id="1"/>
  <recv request="INVITE" optional="true" next="2"/>
  <recv request="BYE" next="3"/>
  <label id="2"/>${response('200 OK', { sdp: true, retrans: true })}
  <recv request="ACK" next="1"/>
  <label id="3"/>${response('200 OK')}`;

/** What the trunk does with one call. */
export const TRUNK_SCENARIOS = {
  answers: `
  <recv request="INVITE"/>${response('180 Ringing', { tag: true })}
  <pause milliseconds="200"/>${response('200 OK', { tag: true, sdp: true, retrans: true })}
  <recv request="ACK"/>${CONVERSE}`,
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

/** Calls until it is answered. */
const callsInto = (number: string, from: string) => `
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

]]></send>`;

export const callsAndHangsUp = (number: string, from: string) => `${callsInto(number, from)}
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

export const callsAndConverses = (number: string, from: string) => `${callsInto(number, from)}${CONVERSE}`;

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

export function isDeclined(number: string, from: string): string {
  const { invite, ackRefusal } = caller(number, from, { offers: true });
  return `${invite}
  <recv response="100" optional="true"/>
  <recv response="603"/>${ackRefusal}`;
}

export function cancelsWhileRinging(number: string, from: string): string {
  const { invite, cancel, ackRefusal } = caller(number, from, { offers: true });
  return `${invite}
  <recv response="100" optional="true"/>
  <recv response="180"/>
  <pause milliseconds="500"/>${cancel}
  <recv response="200"/>
  <recv response="487"/>${ackRefusal}`;
}

const INACTIVE = `${SDP}\na=inactive`;

export function asksForOffers(number: string): string {
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

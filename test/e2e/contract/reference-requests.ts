/** Status of success that the reference page documents, and how its example request reads. */
export interface ReferenceRequest {
  name: string;
  request: string;
  status: number;
}

const CALLS = '/api/v1/tenants/foo/groups/foogroup/users/foouser/services/calls/';
/** Ids that the page prints: of the call, and of the consulted one. */
export const PRINTED_IDS = { call: 'callhalf-1595867:0', consulted: 'callhalf-1595875:0' };
const CALL = `${CALLS}${PRINTED_IDS.call}/`;

const printed = (method: string, path: string, body: string) =>
  `${method} ${path} HTTP/1.1\nHost: example.com\nContent-Type: "application/json"\n\n${body}`;

const modify = (name: string, body: string): ReferenceRequest => ({
  name,
  request: printed('PUT', CALL, body),
  status: 200,
});

/** The example requests of the reference page, in its order. */
export const REFERENCE_REQUESTS: ReferenceRequest[] = [
  {
    name: 'call phone number',
    request: printed('POST', CALLS, '{ "phoneNumber": "+3212345678" }'),
    status: 201,
  },
  { name: 'retrieve call list', request: printed('GET', CALLS, '{}'), status: 200 },
  {
    name: 'retrieve call list with details',
    request: printed('GET', CALLS, '{ "includeDetails": true }'),
    status: 200,
  },
  { name: 'retrieve call details', request: printed('GET', CALL, '{}'), status: 200 },
  modify('hold', '{ "action": "hold" }'),
  modify('reconnect', '{ "action": "reconnect" }'),
  modify('blind transfer', '{ "action": "blindTransfer", "phoneNumber": "+3212345765" }'),
  modify(
    'consultative transfer',
    `{ "action": "consultativeTransfer", "transferCallId": "${PRINTED_IDS.consulted}" }`,
  ),
  modify('start recording', '{ "action": "startRecording" }'),
  modify('pause recording', '{ "action": "pauseRecording" }'),
  modify('resume recording', '{ "action": "resumeRecording" }'),
  modify('stop recording', '{ "action": "stopRecording" }'),
  { name: 'release call', request: printed('DELETE', CALL, '{}'), status: 200 },
  { name: 'call retrieve', request: printed('POST', `${CALLS}retrieve/`, '{}'), status: 201 },
  {
    name: 'IMRN resource create',
    request: printed(
      'POST',
      `${CALLS}imrn/`,
      '{ "phoneNumber": "+3225126778", "callingPhoneNumber": "+3225126780" }',
    ),
    status: 201,
  },
];

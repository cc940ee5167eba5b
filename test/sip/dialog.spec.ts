import {
  acceptInDialog,
  ackFor,
  createRequest,
  dialogFromRequest,
  dialogFromResponse,
  dialogFromStrayResponse,
  type DialogState,
  inDialogRequest,
  newBranch,
  newCallId,
  newTag,
  nextHop,
  refreshTarget,
  skipAhead,
} from '../../src/sip/dialog.js';
import type { SipRequest } from '../../src/sip/message.js';
import { createResponse } from '../../src/sip/server-transaction.js';
import type { Target } from '../../src/sip/stack.js';

const udp = (host: string, port = 5060): Target => ({ transport: 'udp', host, port });

const invite = (headers: Record<string, string[]> = {}): SipRequest =>
  createRequest({
    method: 'INVITE',
    uri: 'sip:bob@192.0.2.2',
    from: { displayName: 'Alice', uri: 'sip:alice@example.test', params: { tag: 'a' } },
    to: { uri: 'sip:bob@example.test', params: {} },
    callId: 'call@example.test',
    cseq: 5,
    contact: '<sip:alice@192.0.2.1:5062>',
    headers,
  });

const answer = (headers: Record<string, string[]>) => createResponse(invite(), 200, { toTag: 'b', headers });

const dialogWith = (changes: Partial<DialogState> = {}): DialogState => ({
  callId: 'call@example.test',
  localTag: 'a',
  remoteTag: 'b',
  localUri: 'sip:alice@example.test',
  remoteUri: 'sip:bob@example.test',
  localCseq: 5,
  remoteCseq: null,
  remoteTarget: 'sip:bob@192.0.2.2:5070',
  routeSet: [],
  target: udp('192.0.2.2'),
  ...changes,
});

const requestOf = (method: string, cseq: number, contact?: string) =>
  createRequest({
    method,
    uri: 'sip:alice@192.0.2.1',
    from: { uri: 'sip:bob@example.test', params: { tag: 'b' } },
    to: { uri: 'sip:alice@example.test', params: { tag: 'a' } },
    callId: 'call@example.test',
    cseq,
    ...(contact !== undefined && { contact }),
  });

describe('a dialog', () => {
  it('of the caller comes from the response, its route set reversed (RFC 3261 §12.1.2)', () => {
    const response = answer({
      contact: ['"Bob" <sip:bob@192.0.2.7:5070;transport=tcp>;expires=60'],
      'record-route': ['<sip:192.0.2.11;lr>', '<sip:192.0.2.12;lr>'],
    });
    const dialog = dialogFromResponse(invite(), response, udp('192.0.2.2'));
    expect(dialog).toEqual({
      callId: 'call@example.test',
      localTag: 'a',
      remoteTag: 'b',
      localUri: 'sip:alice@example.test',
      remoteUri: 'sip:bob@example.test',
      localCseq: 5,
      remoteCseq: null,
      remoteTarget: 'sip:bob@192.0.2.7:5070;transport=tcp',
      routeSet: ['<sip:192.0.2.12;lr>', '<sip:192.0.2.11;lr>'],
      target: udp('192.0.2.2'),
    });
    expect(JSON.parse(JSON.stringify(dialog))).toEqual(dialog);
  });

  it('of the called comes from the INVITE, its route set in order (§12.1.1)', () => {
    const request = invite({ 'record-route': ['<sip:192.0.2.11;lr>', '<sip:192.0.2.12;lr>'] });
    expect(dialogFromRequest(request, 'mine', udp('192.0.2.11'))).toEqual({
      callId: 'call@example.test',
      localTag: 'mine',
      remoteTag: 'a',
      localUri: 'sip:bob@example.test',
      remoteUri: 'sip:alice@example.test',
      localCseq: 0,
      remoteCseq: 5,
      remoteTarget: 'sip:alice@192.0.2.1:5062',
      routeSet: ['<sip:192.0.2.11;lr>', '<sip:192.0.2.12;lr>'],
      target: udp('192.0.2.11'),
    });
  });

  it('of an answer whose INVITE is forgotten is the same as that of the caller', () => {
    const response = answer({ contact: ['<sip:bob@192.0.2.7>'] });
    expect(dialogFromStrayResponse(response, udp('192.0.2.2'))).toEqual(
      dialogFromResponse(invite(), response, udp('192.0.2.2')),
    );
  });

  describe('makes requests', () => {
    it('with the next CSeq, both tags and Max-Forwards, to the Contact', () => {
      const dialog = dialogWith();
      const request = inDialogRequest(dialog, 'INFO', {
        body: 'x',
        contentType: 'text/plain',
        headers: { 'x-a': ['1'] },
      });
      expect(request).toEqual({
        kind: 'request',
        method: 'INFO',
        uri: 'sip:bob@192.0.2.2:5070',
        vias: [],
        from: { uri: 'sip:alice@example.test', params: { tag: 'a' } },
        to: { uri: 'sip:bob@example.test', params: { tag: 'b' } },
        callId: 'call@example.test',
        cseq: { number: 6, method: 'INFO' },
        headers: { 'max-forwards': ['70'], 'x-a': ['1'], 'content-type': ['text/plain'] },
        body: 'x',
      });
      expect(inDialogRequest(dialog, 'BYE').cseq.number).toBe(7);
    });

    it('along the route set of loose routers', () => {
      const routeSet = ['<sip:192.0.2.11;lr>', '<sip:192.0.2.12;lr>'];
      const { uri, headers } = inDialogRequest(dialogWith({ routeSet }), 'BYE');
      expect(uri).toBe('sip:bob@192.0.2.2:5070');
      expect(headers.route).toEqual(routeSet);
    });

    it('through a strict router with the Contact at the end of the Route (§12.2.1.1)', () => {
      const routeSet = ['<sip:192.0.2.11>', '<sip:192.0.2.12;lr>'];
      const { uri, headers } = inDialogRequest(dialogWith({ routeSet }), 'BYE');
      expect(uri).toBe('sip:192.0.2.11');
      expect(headers.route).toEqual(['<sip:192.0.2.12;lr>', '<sip:bob@192.0.2.2:5070>']);
    });

    it('and the ACK of a 2xx under the CSeq of its INVITE, which raises nothing', () => {
      const dialog = dialogWith({ localCseq: 9 });
      expect(ackFor(dialog, 7, { body: 'v=0\r\n' })).toMatchObject({
        method: 'ACK',
        cseq: { number: 7, method: 'ACK' },
        body: 'v=0\r\n',
        headers: { 'content-type': ['application/sdp'] },
      });
      expect(dialog.localCseq).toBe(9);
    });

    it('with a gap in CSeq after another process has taken it up', () => {
      const dialog = dialogWith();
      skipAhead(dialog, 1000);
      expect(inDialogRequest(dialog, 'BYE').cseq.number).toBe(1006);
    });
  });

  describe('takes requests', () => {
    it('whose CSeq grows, with gaps, and no others (§12.2.2)', () => {
      const dialog = dialogWith();
      expect(acceptInDialog(dialog, requestOf('INFO', 10))).toBe('ok');
      expect(acceptInDialog(dialog, requestOf('INFO', 20))).toBe('ok');
      expect(acceptInDialog(dialog, requestOf('INFO', 20))).toBe('outOfOrder');
      expect(acceptInDialog(dialog, requestOf('INFO', 19))).toBe('outOfOrder');
      expect(dialog.remoteCseq).toBe(20);
    });

    it('that refresh the target: INVITE and UPDATE', () => {
      const dialog = dialogWith();
      acceptInDialog(dialog, requestOf('INFO', 1, '<sip:bob@192.0.2.66>'));
      expect(dialog.remoteTarget).toBe('sip:bob@192.0.2.2:5070');
      acceptInDialog(dialog, requestOf('INVITE', 2, '<sip:bob@192.0.2.66>'));
      expect(dialog.remoteTarget).toBe('sip:bob@192.0.2.66');
      acceptInDialog(dialog, requestOf('UPDATE', 3, '<sip:bob@192.0.2.67>'));
      expect(dialog.remoteTarget).toBe('sip:bob@192.0.2.67');
      acceptInDialog(dialog, requestOf('INVITE', 3, '<sip:bob@192.0.2.68>'));
      expect(dialog.remoteTarget).toBe('sip:bob@192.0.2.67');
    });

    it('and keeps its target when a message has no Contact', () => {
      const dialog = dialogWith();
      refreshTarget(dialog, answer({}));
      expect(dialog.remoteTarget).toBe('sip:bob@192.0.2.2:5070');
    });
  });

  describe('sends to', () => {
    const tcp: Target = { transport: 'tcp', host: '192.0.2.2', port: 40_000, connectionId: 'c1' };
    const cases: [string, Partial<DialogState>, Target][] = [
      ['the Contact', {}, udp('192.0.2.2', 5070)],
      ['another public host that the Contact names', { remoteTarget: 'sip:192.0.2.9' }, udp('192.0.2.9')],
      [
        'the transport of the Contact',
        { remoteTarget: 'sip:192.0.2.9;transport=TCP' },
        { transport: 'tcp', host: '192.0.2.9', port: 5060 },
      ],
      ['the first route', { routeSet: ['<sip:192.0.2.11:5080;lr>'] }, udp('192.0.2.11', 5080)],
      ['a private route', { routeSet: ['<sip:10.0.0.1;lr>'] }, udp('10.0.0.1')],
      ['where a phone behind NAT was heard', { remoteTarget: 'sip:192.168.1.5:5060' }, udp('192.0.2.2')],
      [
        'the port that a private Contact names on the host that was heard',
        { remoteTarget: 'sip:192.168.1.5:5070', target: udp('192.168.1.5') },
        udp('192.168.1.5', 5070),
      ],
      [
        'where the peer was heard when the Contact is a name',
        { remoteTarget: 'sip:phone.invalid' },
        udp('192.0.2.2'),
      ],
      [
        'where the peer was heard when the Contact is sips',
        { remoteTarget: 'sips:192.0.2.9' },
        udp('192.0.2.2'),
      ],
      [
        'where the peer was heard when the Contact is a tel URI',
        { remoteTarget: 'tel:+3212' },
        udp('192.0.2.2'),
      ],
      [
        'where the peer was heard when the route is a name',
        { routeSet: ['<sip:edge.test;lr>'] },
        udp('192.0.2.2'),
      ],
      [
        'a loopback Contact from loopback',
        { remoteTarget: 'sip:127.0.0.3', target: udp('127.0.0.2') },
        udp('127.0.0.3'),
      ],
      [
        'where a peer was heard that calls itself loopback',
        { remoteTarget: 'sip:127.0.0.1' },
        udp('192.0.2.2'),
      ],
      [
        'the TCP connection it came over, and to the Contact when that is closed',
        { target: tcp, remoteTarget: 'sip:192.0.2.2:5070;transport=tcp' },
        { transport: 'tcp', host: '192.0.2.2', port: 5070, connectionId: 'c1' },
      ],
      [
        'the TCP connection it came over with a route',
        { target: tcp, routeSet: ['<sip:192.0.2.11;lr>'] },
        { transport: 'tcp', host: '192.0.2.11', port: 5060, connectionId: 'c1' },
      ],
    ];

    it.each(cases)('%s', (_, changes, expected) => {
      expect(nextHop(dialogWith(changes))).toEqual(expected);
    });
  });
});

describe('random ids', () => {
  it('do not repeat, and branches hold the cookie and 128 bits', () => {
    const many = Array.from({ length: 20_000 }, newBranch);
    expect(new Set(many).size).toBe(many.length);
    expect(many.every((branch) => /^z9hG4bK[0-9a-f]{32}$/.test(branch))).toBe(true);
    expect(newTag()).toMatch(/^[0-9a-f]{16}$/);
    expect(newCallId('127.0.0.1')).toMatch(/^[0-9a-f]{32}@127\.0\.0\.1$/);
  });
});

import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import sip, { type Message } from 'sip';
import { type SipMessage, tagOf } from '../../src/sip/message.js';
import { parseMessage } from '../../src/sip/parser.js';
import { serializeMessage } from '../../src/sip/serializer.js';
import { VALID } from './fixtures/torture-valid.js';
import { messages } from './sip-arbitraries.js';

// Other work on the machine may take most of its time.
jest.setTimeout(30_000);

/** What both parsers understand, in words of neither. */
interface Essence {
  start: string;
  callId: string;
  cseq: string;
  from: { uri: string; tag: string | undefined };
  to: { uri: string; tag: string | undefined };
  vias: string[];
}

function ours(message: SipMessage): Essence {
  return {
    start:
      message.kind === 'request' ? `${message.method} ${message.uri}` : `${message.status} ${message.reason}`,
    callId: message.callId,
    cseq: `${message.cseq.number} ${message.cseq.method}`,
    from: { uri: message.from.uri, tag: tagOf(message.from) },
    to: { uri: message.to.uri, tag: tagOf(message.to) },
    vias: message.vias.map(
      ({ transport, host, port, params }) => `${transport} ${host} ${port} ${String(params.branch)}`,
    ),
  };
}

const address = ({ uri, params }: Message['headers']['from']) => ({ uri, tag: params.tag ?? undefined });

function theirs({ headers, ...start }: Message): Essence {
  return {
    start: start.status === undefined ? `${start.method} ${start.uri}` : `${start.status} ${start.reason}`,
    callId: headers['call-id'],
    cseq: `${headers.cseq.seq} ${headers.cseq.method}`,
    from: address(headers.from),
    to: address(headers.to),
    vias: headers.via.map(
      ({ protocol, host, port, params }) => `${protocol} ${host} ${port} ${params.branch}`,
    ),
  };
}

function oracle(text: string): Message {
  const message = sip.parse(text);
  if (!message) throw new Error('The oracle does not understand the message');
  return message;
}

/**
 * Left out, since the oracle does not know them: IPv6 references, `tel:`, escapes in quoted strings, text in UTF-8,
 * and parameters with an empty or zero value, which it writes as flags.
 */
describe('beside the npm package sip', () => {
  const simple = messages({ simple: true });

  it('reads what was written here the same way', () => {
    fc.assert(
      fc.property(simple, (message) => {
        const data = serializeMessage(message);
        expect(theirs(oracle(String(data)))).toEqual(ours(parseMessage(data)));
      }),
      { numRuns: 500 },
    );
  });

  it('reads what the package writes the same way', () => {
    fc.assert(
      fc.property(simple, (message) => {
        const text = sip.stringify(oracle(String(serializeMessage({ ...message, body: '' }))));
        expect(ours(parseMessage(text))).toEqual(ours(message));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['wsinv', 'esc01', 'escnull', 'lwsdisp', 'longreq', 'transports', 'noreason'] as const)(
    'reads the torture message %s the same way',
    (name) => {
      expect(theirs(oracle(String(VALID[name])))).toEqual(ours(parseMessage(VALID[name])));
    },
  );
});

import { LIMITS } from '../../src/sip/limits.js';
import {
  audioOf,
  type Direction,
  directionOf,
  inactiveAnswerTo,
  inactiveOffer,
  rewriteAudio,
  rewriteDirection,
  rewriteOrigin,
  SdpError,
} from '../../src/sip/sdp.js';

const SESSION = ['v=0', 'o=alice 1 2 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];
const AUDIO = [
  'm=audio 4000 RTP/AVP 0 8 101',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
];
const VIDEO = ['m=video 4002 RTP/AVP 96', 'a=rtpmap:96 VP8/90000'];
const sdp = (...lines: string[]) => `${lines.join('\r\n')}\r\n`;
const OFFER = sdp(...SESSION, ...AUDIO, ...VIDEO);

describe('rewriteOrigin', () => {
  it('gives the description the identity of the own session and leaves the rest', () => {
    expect(rewriteOrigin(OFFER, { sessionId: 77, version: 3, address: '127.0.0.1' })).toBe(
      OFFER.replace('o=alice 1 2 IN IP4 192.0.2.1', 'o=- 77 3 IN IP4 127.0.0.1'),
    );
  });

  it('names the family of an IPv6 address', () => {
    expect(rewriteOrigin(OFFER, { sessionId: 1, version: 1, address: '2001:db8::1' })).toContain(
      '\r\no=- 1 1 IN IP6 2001:db8::1\r\n',
    );
  });
});

describe('directionOf', () => {
  it.each<[Direction, string, string[]]>([
    ['sendrecv', 'no attribute', [...SESSION, ...AUDIO]],
    ['sendonly', 'the stream', [...SESSION, ...AUDIO, 'a=sendonly']],
    ['inactive', 'the session', [...SESSION, 'a=inactive', ...AUDIO]],
    ['recvonly', 'the stream rather than the session', [...SESSION, 'a=inactive', ...AUDIO, 'a=recvonly']],
    ['sendrecv', 'the audio stream, not another', [...SESSION, ...VIDEO, 'a=inactive', ...AUDIO]],
    [
      'sendonly',
      'the first audio stream in use',
      [...SESSION, 'm=audio 0 RTP/AVP 0', 'a=inactive', ...AUDIO, 'a=sendonly'],
    ],
    [
      'inactive',
      'the first stream where no audio is in use',
      [...SESSION, 'm=audio 0 RTP/AVP 0', 'a=inactive'],
    ],
    ['sendonly', 'a null address of the session', [...SESSION.with(3, 'c=IN IP4 0.0.0.0'), ...AUDIO]],
    ['sendonly', 'a null address of the stream', [...SESSION, ...AUDIO, 'c=IN IP4 0.0.0.0']],
    [
      'inactive',
      'a null address of one that only receives',
      [...SESSION, ...AUDIO, 'c=IN IP4 0.0.0.0', 'a=recvonly'],
    ],
    [
      'sendrecv',
      'the address of the stream rather than the session',
      [...SESSION.with(3, 'c=IN IP4 0.0.0.0'), ...AUDIO, 'c=IN IP4 192.0.2.9'],
    ],
  ])('is %s by %s', (direction, _what, lines) => {
    expect(directionOf(sdp(...lines))).toBe(direction);
  });
});

describe('rewriteDirection', () => {
  it('puts one direction on every stream and leaves no other', () => {
    const before = sdp(...SESSION, 'a=inactive', ...AUDIO, 'a=sendonly', ...VIDEO, 'a=recvonly', 'a=x');
    expect(rewriteDirection(before, 'sendrecv')).toBe(
      sdp(...SESSION, ...AUDIO, 'a=sendrecv', ...VIDEO, 'a=x', 'a=sendrecv'),
    );
  });
});

describe('audioOf', () => {
  it('is where the first audio stream in use wants its media', () => {
    expect(audioOf(OFFER)).toEqual({
      address: '192.0.2.1',
      port: 4000,
      rtcpPort: 4001,
      payloadTypes: ['0', '8', '101'],
    });
    const own = sdp(...SESSION, 'm=audio 0 RTP/AVP 9', ...VIDEO, ...AUDIO, 'c=IN IP4 233.252.0.1/127');
    expect(audioOf(own)).toMatchObject({ address: '233.252.0.1', port: 4000 });
  });

  it('names the port for RTCP where the description does', () => {
    const own = sdp(...SESSION, ...AUDIO, 'a=rtcp:4711 IN IP4 192.0.2.1');
    expect(audioOf(own)).toMatchObject({ port: 4000, rtcpPort: 4711 });
  });

  it('is nothing without audio, and refused without an address', () => {
    expect(audioOf(sdp(...SESSION, ...VIDEO))).toBeUndefined();
    expect(() => audioOf(sdp(...SESSION.filter((line) => !line.startsWith('c=')), ...AUDIO))).toThrow(
      SdpError,
    );
  });
});

describe('rewriteAudio', () => {
  const RELAY = { address: '127.0.0.1', port: 30_000 };
  const OWN = 'c=IN IP4 127.0.0.1';
  const MOVED = ['m=audio 30000 RTP/AVP 0 8 101', ...AUDIO.slice(1)];

  it('moves the audio to another address and leaves the rest', () => {
    const before = sdp(...SESSION, 'm=video 0 RTP/AVP 96', 'a=x', ...AUDIO, 'a=sendonly');
    const after = sdp(...SESSION.with(3, OWN), 'm=video 0 RTP/AVP 96', 'a=x', ...MOVED, 'a=sendonly');
    expect(rewriteAudio(before, RELAY)).toBe(after);
  });

  it('moves the address of the stream', () => {
    const before = sdp(...SESSION, ...AUDIO.toSpliced(1, 0, 'c=IN IP4 192.0.2.9/127'));
    expect(rewriteAudio(before, RELAY)).toBe(sdp(...SESSION.with(3, OWN), ...MOVED.toSpliced(1, 0, OWN)));
  });

  it('leaves other streams where they are', () => {
    const titled = AUDIO.toSpliced(1, 0, 'i=voice');
    expect(rewriteAudio(sdp(...SESSION, ...VIDEO, ...AUDIO), RELAY)).toBe(
      sdp(...SESSION, ...VIDEO, ...MOVED.toSpliced(1, 0, OWN)),
    );
    expect(rewriteAudio(sdp(...SESSION, ...titled, ...VIDEO), RELAY)).toBe(
      sdp(...SESSION, ...MOVED.toSpliced(1, 0, 'i=voice', OWN), ...VIDEO),
    );
  });

  it('wants RTCP on the next port, and never together with RTP', () => {
    const before = sdp(...SESSION, ...AUDIO, 'a=rtcp:4711 IN IP4 192.0.2.1', 'a=rtcp-mux', 'a=rtcp-fb:0 x');
    expect(rewriteAudio(before, RELAY)).toBe(
      sdp(...SESSION.with(3, OWN), ...MOVED, 'a=rtcp:30001', 'a=rtcp-fb:0 x'),
    );
  });

  it('changes nothing where no audio is in use', () => {
    const before = sdp(...SESSION, 'm=audio 0 RTP/AVP 0', ...VIDEO);
    expect(rewriteAudio(before, RELAY)).toBe(before);
  });
});

describe('descriptions without media', () => {
  it('offer G.711 and telephone events, inactive', () => {
    const offer = inactiveOffer({ address: '127.0.0.1' });
    expect(audioOf(offer)).toMatchObject({ address: '127.0.0.1', port: 9, payloadTypes: ['0', '8', '101'] });
    expect(directionOf(offer)).toBe('inactive');
    expect(offer.endsWith('\r\n')).toBe(true);
  });

  it('answer the first audio stream, inactive, and refuse the others in their order', () => {
    const offer = sdp(
      ...SESSION.with(4, 't=1 2'),
      ...VIDEO,
      'm=audio 0 RTP/AVP 9',
      ...AUDIO,
      'a=sendonly',
      'm=audio 6000 RTP/AVP 8',
    );
    expect(inactiveAnswerTo(offer, { address: '127.0.0.1' })).toBe(
      sdp(
        'v=0',
        'o=- 0 0 IN IP4 127.0.0.1',
        's=-',
        'c=IN IP4 127.0.0.1',
        't=1 2',
        'm=video 0 RTP/AVP 96',
        'm=audio 0 RTP/AVP 9',
        'm=audio 9 RTP/AVP 0 8 101',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=inactive',
        'm=audio 0 RTP/AVP 8',
      ),
    );
  });
});

describe('a description is refused', () => {
  it.each([
    ['empty', ''],
    ['without v=', sdp(...SESSION.slice(1), ...AUDIO)],
    ['of another version', sdp('v=1', ...SESSION.slice(1), ...AUDIO)],
    ['without o=', sdp(...SESSION.toSpliced(1, 1), ...AUDIO)],
    ['with two o=', sdp(...SESSION, 'o=bob 1 1 IN IP4 192.0.2.2', ...AUDIO)],
    ['with a line that is none', sdp(...SESSION, 'hello', ...AUDIO)],
    ['with a carriage return in a line', sdp(...SESSION, ...AUDIO, 'a=x\ra=sendonly')],
    ['with a NUL', sdp(...SESSION, ...AUDIO, 'a=x\0')],
    ['with a port of words', sdp(...SESSION, 'm=audio abc RTP/AVP 0')],
    ['with a negative port', sdp(...SESSION, 'm=audio -1 RTP/AVP 0')],
    ['with a port out of range', sdp(...SESSION, 'm=audio 65536 RTP/AVP 0')],
    ['with a stream without formats', sdp(...SESSION, 'm=audio 4000 RTP/AVP')],
    ['that is too long', sdp(...SESSION, ...AUDIO, `a=${'x'.repeat(LIMITS.sdp)}`)],
    ['of too many lines', sdp(...SESSION, ...AUDIO, ...Array.from({ length: LIMITS.sdpLines }, () => 'a=x'))],
  ])('%s', (_what, text) => {
    expect(() => directionOf(text)).toThrow(SdpError);
    expect(() => inactiveAnswerTo(text, { address: '127.0.0.1' })).toThrow(SdpError);
  });

  it('but line feeds alone and several ports of a stream are taken', () => {
    expect(audioOf(OFFER.replaceAll('\r', '').replace('4000', '4000/2'))).toMatchObject({ port: 4000 });
  });
});

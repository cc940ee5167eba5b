import { CallStreams } from '../../../src/media/rtpengine/call-streams.js';

const DESCRIBED = { address: '10.0.0.1', port: 4_000 };
const ELSEWHERE = { address: '192.168.0.1', port: 4_000 };
const STRANGER = { address: '10.0.0.9', port: 9_000 };
const LOCAL_PORT = 30_000;

function streams(learnSources: boolean) {
  const known = new CallStreams(learnSources);
  const stream = { 'local port': LOCAL_PORT, endpoint: DESCRIBED, flags: ['RTP'] };
  known.update({ tags: { callee: { medias: [{ streams: [stream] }] } } });
  return (source: { address: string; port: number }, atMs: number, port = LOCAL_PORT) =>
    known.sideOf({ source, destination: { address: '10.0.0.2', port }, atMs, payload: Buffer.alloc(0) });
}

describe('a datagram in a capture', () => {
  it('belongs to the side that is where it says, and to nobody from elsewhere', () => {
    const sideOf = streams(false);
    expect(sideOf(DESCRIBED, 0)).toBe('callee');
    expect(sideOf(ELSEWHERE, 0)).toBeUndefined();
  });

  it('belongs to the side on whose port it came when sources are learned', () => {
    const sideOf = streams(true);
    expect(sideOf(ELSEWHERE, 0)).toBe('callee');
    expect(sideOf(ELSEWHERE, 0, LOCAL_PORT + 2)).toBeUndefined();
  });

  it('belongs to nobody while another one speaks on the port', () => {
    const sideOf = streams(true);
    expect(sideOf(ELSEWHERE, 0)).toBe('callee');
    expect(sideOf(STRANGER, 20)).toBeUndefined();
    expect(sideOf(ELSEWHERE, 40)).toBe('callee');
    expect(sideOf(DESCRIBED, 60)).toBe('callee');
    expect(sideOf(STRANGER, 80)).toBeUndefined();
  });

  it('belongs to the side again when a new device speaks in the place of one that has fallen silent', () => {
    const sideOf = streams(true);
    expect(sideOf(ELSEWHERE, 0)).toBe('callee');
    expect(sideOf(STRANGER, 300)).toBe('callee');
  });
});

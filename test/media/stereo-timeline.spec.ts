import { StereoTimeline } from '../../src/media/recording/stereo-timeline.js';
import { toALaw, toMuLaw } from '../support/g711-encode.js';

const START = 5_000;

interface Packet {
  timestamp: number;
  ssrc?: number;
  payloadType?: number;
  /** The sample that all of its 160 are. */
  sample: number;
}

function packetOf({ timestamp, ssrc = 1, payloadType = 0, sample }: Packet): Buffer {
  const packet = Buffer.alloc(12 + 160, payloadType === 8 ? toALaw(sample) : toMuLaw(sample));
  packet.writeUInt16BE(0x80_00 | payloadType, 0);
  packet.writeUInt16BE(0, 2);
  packet.writeUInt32BE(timestamp, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** Per 20 ms what is heard on the channel, in thousands; of stretches that are not one level, NaN. */
function levels(samples: Int16Array, channel: 0 | 1): number[] {
  const blocks: number[] = [];
  for (let at = 0; at < samples.length; at += 320) {
    const block = samples.subarray(at, at + 320).filter((_, index) => index % 2 === channel);
    const same = block.every((sample) => Math.abs(sample - block[0]!) < 100);
    blocks.push(same ? Math.round(block[0]! / 1_000) : Number.NaN);
  }
  return blocks;
}

describe('a stretch of a recording', () => {
  let timeline: StereoTimeline;
  beforeEach(() => {
    timeline = new StereoTimeline(START);
  });

  it('holds each party on its channel, each packet ending where it arrived', () => {
    timeline.add(0, packetOf({ timestamp: 0, sample: 5_000 }), START + 20);
    timeline.add(1, packetOf({ timestamp: 900, sample: -9_000, payloadType: 8 }), START + 40);
    const samples = timeline.finish(START + 60);
    expect(levels(samples, 0)).toEqual([5, 0, 0]);
    expect(levels(samples, 1)).toEqual([0, -9, 0]);
  });

  it('takes the distance from timestamps, whatever the jitter', () => {
    timeline.add(0, packetOf({ timestamp: 1_000, sample: 1_000 }), START + 20);
    timeline.add(0, packetOf({ timestamp: 1_160, sample: 2_000 }), START + 95);
    timeline.add(0, packetOf({ timestamp: 1_320, sample: 3_000 }), START + 96);
    expect(levels(timeline.finish(START + 100), 0)).toEqual([1, 2, 3, 0, 0]);
  });

  it('puts packets in order, takes the same twice and leaves silence for the lost', () => {
    timeline.add(0, packetOf({ timestamp: 0, sample: 1_000 }), START + 20);
    timeline.add(0, packetOf({ timestamp: 480, sample: 4_000 }), START + 80);
    timeline.add(0, packetOf({ timestamp: 160, sample: 2_000 }), START + 81);
    timeline.add(0, packetOf({ timestamp: 160, sample: 2_000 }), START + 82);
    expect(levels(timeline.finish(START + 80), 0)).toEqual([1, 2, 0, 4]);
  });

  it('goes on over the wrap of the timestamp', () => {
    timeline.add(0, packetOf({ timestamp: 2 ** 32 - 160, sample: 1_000 }), START + 20);
    timeline.add(0, packetOf({ timestamp: 0, sample: 2_000 }), START + 45);
    expect(levels(timeline.finish(START + 40), 0)).toEqual([1, 2]);
  });

  it('begins to count anew with another source or a jump of the timestamp', () => {
    timeline.add(0, packetOf({ timestamp: 0, sample: 1_000 }), START + 20);
    timeline.add(0, packetOf({ timestamp: 160, sample: 2_000, ssrc: 2 }), START + 60);
    timeline.add(0, packetOf({ timestamp: 160 + 8_000, sample: 3_000, ssrc: 2 }), START + 100);
    expect(levels(timeline.finish(START + 100), 0)).toEqual([1, 0, 2, 0, 3]);
  });

  it('hands out what nothing can change any more, and the rest at the end', () => {
    timeline.add(0, packetOf({ timestamp: 0, sample: 1_000 }), START + 20);
    expect(timeline.take(START + 100)).toHaveLength(0);
    timeline.add(0, packetOf({ timestamp: 160, sample: 2_000 }), START + 40);
    expect(levels(timeline.take(START + 520), 0)).toEqual([1]);
    timeline.add(0, packetOf({ timestamp: 0, sample: 7_000 }), START + 520);
    expect(levels(timeline.finish(START + 540), 0)).toEqual([2, ...Array.from({ length: 25 }, () => 0)]);
  });

  it('holds nothing from before its begin', () => {
    timeline.add(0, packetOf({ timestamp: 0, sample: 1_000 }), START + 5);
    const samples = timeline.finish(START + 20);
    expect([samples[0], samples[78], samples[80]]).toEqual([988, 988, 0]);
  });

  it('is as long as it lasted, also when nobody takes of it for long', () => {
    for (let at = 0; at < 500; at++) {
      timeline.add(1, packetOf({ timestamp: at * 160, sample: 3_000 }), START + 20 * (at + 1));
    }
    const heard = levels(timeline.finish(START + 10_000), 1);
    expect(heard).toEqual(Array.from({ length: 500 }, () => 3));
  });

  it('hears no telephone events, contributing sources, extensions or padding, and no packet that is none', () => {
    const plain = packetOf({ timestamp: 0, sample: 1_000 });
    timeline.add(0, packetOf({ timestamp: 0, sample: 1_000, payloadType: 101 }), START + 20);
    timeline.add(0, Buffer.from('not RTP at all'), START + 20);
    timeline.add(0, Buffer.alloc(0), START + 20);
    timeline.add(0, Buffer.concat([Buffer.from([0xbf, 0]), plain.subarray(2, 14)]), START + 20);
    expect(levels(timeline.finish(START + 40), 0)).toEqual([0, 0]);

    const [sources, extension] = [Buffer.alloc(4, 1), Buffer.from([0, 0, 0, 1, 9, 9, 9, 9])];
    const padding = Buffer.from([9, 9, 9, 4]);
    const whole = Buffer.concat([plain.subarray(0, 12), sources, extension, plain.subarray(12), padding]);
    whole[0] = 0x80 | 0x20 | 0x10 | 1;
    timeline.add(0, whole, START + 60);
    expect(levels(timeline.finish(START + 80), 0)).toEqual([1, 0]);
  });
});

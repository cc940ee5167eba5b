import { Rtpengine } from './rtpengine.js';

export const MEDIA_KINDS = ['relay', 'rtpengine'] as const;
export type MediaKind = (typeof MEDIA_KINDS)[number];

/** What carries the audio of a service under test, on ports that no phone has. */
export class MediaNode {
  private constructor(
    /** For the service. */
    readonly env: Record<string, string>,
    private readonly rtpengine?: Rtpengine,
  ) {}

  static async start(kind: MediaKind): Promise<MediaNode> {
    if (kind === 'relay') return new MediaNode({ MEDIA: 'relay', RTP_PORTS: '30000-30499' });
    const rtpengine = await Rtpengine.start({ ngPort: 22_230, ports: { first: 31_000, last: 31_999 } });
    const { host, port } = rtpengine.address;
    return new MediaNode({ RTPENGINE: `${host}:${port}`, RTPENGINE_SPOOL: rtpengine.spool }, rtpengine);
  }

  async stop(): Promise<void> {
    await this.rtpengine?.stop();
  }
}

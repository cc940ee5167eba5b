import { type DynamicModule, Module } from '@nestjs/common';
import { DirectMedia } from './direct-media.js';
import { Media } from './media.js';
import { RelayMedia } from './relay/relay-media.js';
import { RtpengineMedia } from './rtpengine/rtpengine-media.js';

export interface MediaSettings {
  kind: 'relay' | 'direct';
  /** Address of the relay's ports, which the parties must be able to reach. */
  host: string;
  ports: { first: number; last: number };
  recordingsDir: string;
  /** Instances that carry the audio instead of the relay. */
  rtpengine?: { host: string; port: number }[] | undefined;
  /** The recording-dir of the instances, as this service sees it. */
  rtpengineSpool?: string | undefined;
  /** See RtpengineOptions. */
  learnSources: boolean;
}

/** How audio goes between the parties. The engine starts and stops what this provides. */
@Module({})
export class MediaModule {
  static with(settings: MediaSettings): DynamicModule {
    return providing(() => mediaFor(settings));
  }

  /** No audio passes here, and there is none to ask about. */
  static elsewhere(): DynamicModule {
    return providing(() => new DirectMedia());
  }
}

function providing(useFactory: () => Media): DynamicModule {
  return {
    module: MediaModule,
    global: true,
    providers: [{ provide: Media, useFactory }],
    exports: [Media],
  };
}

function mediaFor({ kind, rtpengine, rtpengineSpool, learnSources, ...relay }: MediaSettings): Media {
  if (rtpengine) {
    const { recordingsDir } = relay;
    const spool = rtpengineSpool === undefined ? {} : { recordingSpool: rtpengineSpool };
    return new RtpengineMedia({ instances: rtpengine, recordingsDir, learnSources, ...spool });
  }
  return kind === 'direct' ? new DirectMedia() : new RelayMedia(relay);
}

import { XsiBadAnswer, XsiUnavailable } from '../xsi/errors.js';
import { textOf, XML_LIMITS, type XmlElement, XmlStream } from '../xsi/xml.js';
import type { XsiStreamAnswer } from '../xsi/xsi-client.js';
import type { ChannelTiming } from './channel-timing.js';
import { type EventRequests, lifeIn } from './event-requests.js';

/** An open channel: the answer that does not end. */
export class ChannelStream {
  /** How long the channel lives without a heartbeat. */
  lifeMs: number;
  channelId = '';
  private readonly documents: AsyncGenerator<XmlElement>;
  private reason: Error | undefined;
  private silence: NodeJS.Timeout | undefined;

  private constructor(
    private readonly answer: XsiStreamAnswer,
    timing: ChannelTiming,
  ) {
    this.documents = documentsIn(answer);
    this.lifeMs = timing.channelExpiresSeconds * 1_000;
    this.expect(timing.openTimeoutMs);
  }

  /** Resolves when the switch has said which channel it is. @throws XsiError */
  static async open(requests: EventRequests, timing: ChannelTiming): Promise<ChannelStream> {
    const answer = await requests.openChannel(timing.channelExpiresSeconds);
    const stream = new ChannelStream(answer, timing);
    try {
      const { value: root } = await stream.documents.next();
      const channelId = root && textOf(root, 'channelId');
      if (stream.reason) throw stream.reason;
      if (root?.name !== 'Channel' || !channelId) throw new XsiBadAnswer('A channel without channelId.');
      stream.channelId = channelId;
      stream.lifeMs = lifeIn(root, timing.channelExpiresSeconds);
      return stream;
    } catch (error) {
      stream.close(error as Error);
      throw error;
    }
  }

  /**
   * What the switch says, whole document by document, until the stream ends, which is always with a throw.
   * @throws XsiError, or what it was closed with
   */
  async *read(): AsyncGenerator<XmlElement> {
    this.expect(2 * this.lifeMs);
    for await (const root of this.documents) {
      if (this.reason) break;
      this.expect(2 * this.lifeMs);
      yield root;
    }
    throw this.reason ?? new XsiUnavailable('The switch has ended the channel.', true);
  }

  /** @param reason what its reader is told, where it is still read */
  close(reason: Error): void {
    this.reason ??= reason;
    clearTimeout(this.silence);
    this.answer.close();
  }

  /** A whole document, so that neither silence nor one that never ends is waited for. */
  private expect(withinMs: number): void {
    clearTimeout(this.silence);
    if (this.reason) return;
    const silent = () => this.close(new XsiUnavailable(`The channel was silent for ${withinMs} ms.`, true));
    this.silence = setTimeout(silent, withinMs).unref();
  }
}

async function* documentsIn({ chunks, contentType }: XsiStreamAnswer): AsyncGenerator<XmlElement> {
  const whole: XmlElement[] = [];
  const xml = new XmlStream(XML_LIMITS, (root) => void whole.push(root), contentType);
  for await (const chunk of chunks) {
    xml.push(chunk);
    yield* whole.splice(0);
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type Dispatcher } from 'undici';
import { Deadline } from './deadline.js';
import { XsiBadAnswer, XsiRefused, XsiTimeout, XsiUnavailable } from './errors.js';
import { exchange, type WholeAnswer } from './exchange.js';
import { failureOf, xsiError } from './failures.js';
import { Guard } from './guard.js';
import { parseDocument, XML_LIMITS, type XmlElement } from './xml.js';

export interface ClusterSettings {
  id: string;
  /** Of the Xsi interface: http or https, host, port, and a path where it stands behind one. */
  url: string;
  /** An administrator who may act for the users. */
  username: string;
  password: string;
  /** By switch user id: who is asked for with their own credentials. */
  userPasswords?: Record<string, string>;
  /** For a whole answer. */
  timeoutMs: number;
  /** Requests at a time, streams aside; as many again may wait. */
  maxConcurrent: number;
}

/** How requests have ended, streams aside; one that was tried again is one. */
export interface XsiCounts {
  answered: number;
  refused: number;
  unavailable: number;
  timeout: number;
  badAnswer: number;
}

export type XsiMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface XsiRequest {
  query?: Record<string, string>;
  /** An XML document. */
  body?: string;
  /** The switch user id whose own credentials are used, where they are configured. */
  as?: string | undefined;
  /** False: a GET is not tried again either. */
  retry?: boolean;
  /** Instead of the cluster's. */
  timeoutMs?: number | undefined;
}

export interface XsiAnswer {
  status: number;
  location?: string;
  /** Where the answer has a body. */
  root?: XmlElement;
}

/** An answer that does not end. */
export interface XsiStreamAnswer {
  status: number;
  contentType?: string;
  /** Ends when the switch ends it or after `close`. @throws XsiUnavailable cut; XsiTimeout nothing came for too long */
  chunks: AsyncIterable<Buffer>;
  close(): void;
}

const RETRY_AFTER_MS = 50;
const CONNECTION = { maxHeaderSize: 16_384, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 };

/** HTTP to one cluster of switches, with keep-alive. Redirects are not followed. */
export class XsiClient {
  readonly #pool: Pool;
  readonly #streams: Pool;
  readonly #guard: Guard;
  readonly #base: string;
  readonly #timeoutMs: number;
  readonly #administrator: string;
  readonly #users: Map<string, string>;
  #closed: Promise<unknown> | undefined;
  /** For metrics; only read by others. */
  readonly counts: XsiCounts = { answered: 0, refused: 0, unavailable: 0, timeout: 0, badAnswer: 0 };

  constructor(settings: ClusterSettings) {
    const { origin, pathname } = new URL(settings.url);
    const connect = { timeout: settings.timeoutMs };
    this.#pool = new Pool(origin, { ...CONNECTION, connect, connections: settings.maxConcurrent });
    this.#streams = new Pool(origin, { ...CONNECTION, connect });
    this.#guard = new Guard(settings.maxConcurrent);
    this.#base = pathname.replace(/\/+$/, '');
    this.#timeoutMs = settings.timeoutMs;
    this.#administrator = basic(settings.username, settings.password);
    this.#users = new Map(
      Object.entries(settings.userPasswords ?? {}).map(([id, password]) => [id, basic(id, password)]),
    );
  }

  /**
   * Sends a request and reads the answer. Once; a GET once more where no answer came or a 503.
   * @param path percent-encoded
   * @throws XsiRefused, XsiUnavailable, XsiTimeout, XsiBadAnswer
   */
  async request(method: XsiMethod, path: string, options: XsiRequest = {}): Promise<XsiAnswer> {
    const deadline = new Deadline(options.timeoutMs ?? this.#timeoutMs);
    const once = async (): Promise<WholeAnswer> => {
      if (deadline.passed) throw deadline.passed;
      return this.#guard.attempt(() => this.#send(method, path, options, deadline));
    };
    const retry = method === 'GET' && options.retry !== false;
    try {
      const answer = await deadline.race(this.#guard.place(() => (retry ? this.#onceMore(once) : once())));
      const whole = understood(answer);
      this.counts.answered++;
      return whole;
    } catch (error) {
      this.counts[outcomeOf(error)]++;
      throw error;
    } finally {
      deadline.clear();
    }
  }

  /**
   * Opens an answer that does not end; the time-out is for its beginning. Breaker and bulkhead are not asked.
   * @param options.idleMs after so long without a byte the stream has failed @throws as `request`
   */
  async stream(
    method: XsiMethod,
    path: string,
    options: { body: string; idleMs?: number },
  ): Promise<XsiStreamAnswer> {
    const deadline = new Deadline(this.#timeoutMs);
    const over = new AbortController();
    deadline.onPassed((reason) => over.abort(reason));
    try {
      const { statusCode, headers, body } = await deadline.race(
        this.#streams.request({
          ...this.#asked(method, path, options),
          signal: over.signal,
          bodyTimeout: options.idleMs ?? 0,
        }),
      );
      const contentType = first(headers['content-type']);
      if (statusCode < 200 || statusCode > 299) {
        throw failureOf(statusCode, await wholeBody(body), contentType);
      }
      return {
        status: statusCode,
        ...(contentType === undefined ? {} : { contentType }),
        ...endless(body, options.idleMs),
      };
    } catch (error) {
      throw xsiError(error);
    } finally {
      deadline.clear();
    }
  }

  /** Waits for the requests under way; streams are cut. */
  async close(): Promise<void> {
    this.#closed ??= Promise.all([this.#pool.close(), this.#streams.destroy()]);
    await this.#closed;
  }

  async #onceMore(once: () => Promise<WholeAnswer>): Promise<WholeAnswer> {
    try {
      return await once();
    } catch (error) {
      const again = error instanceof XsiUnavailable && (error.status === undefined || error.status === 503);
      if (!again || this.#guard.open) throw error;
      await delay(RETRY_AFTER_MS);
      return once();
    }
  }

  async #send(
    method: XsiMethod,
    path: string,
    options: XsiRequest,
    deadline: Deadline,
  ): Promise<WholeAnswer> {
    const answer = await exchange(this.#pool, this.#asked(method, path, options), deadline);
    if (answer.status >= 500) throw failureOf(answer.status, answer.body, undefined);
    return answer;
  }

  #asked(method: XsiMethod, path: string, { query = {}, body, as }: XsiRequest): Dispatcher.RequestOptions {
    const parameters = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='));
    return {
      method,
      path: `${this.#base}${path}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`,
      headers: {
        authorization: (as === undefined ? undefined : this.#users.get(as)) ?? this.#administrator,
        accept: 'application/xml',
        ...(body === undefined ? {} : { 'content-type': 'application/xml; charset=UTF-8' }),
      },
      ...(body === undefined ? {} : { body }),
    };
  }
}

function outcomeOf(error: unknown): Exclude<keyof XsiCounts, 'answered'> {
  if (error instanceof XsiRefused) return 'refused';
  if (error instanceof XsiTimeout) return 'timeout';
  return error instanceof XsiBadAnswer ? 'badAnswer' : 'unavailable';
}

function understood({ status, headers, body }: WholeAnswer): XsiAnswer {
  const contentType = first(headers['content-type']);
  if (status < 200 || status > 299) throw failureOf(status, body, contentType);
  const location = first(headers.location);
  return {
    status,
    ...(location === undefined ? {} : { location }),
    ...(body.length === 0 ? {} : { root: parseDocument(body, contentType) }),
  };
}

/** @throws XsiBadAnswer it is too long, which is found out while it is read */
async function wholeBody(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > XML_LIMITS.bytes) throw new XsiBadAnswer('The answer is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function endless(
  body: Dispatcher.ResponseData['body'],
  idleMs = 0,
): Pick<XsiStreamAnswer, 'chunks' | 'close'> {
  let closed = false;
  body.on('error', () => undefined);
  const read = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) yield chunk as Buffer;
    } catch (error) {
      if (closed) return;
      throw (error as { code?: unknown }).code === 'UND_ERR_BODY_TIMEOUT'
        ? new XsiTimeout(idleMs)
        : xsiError(error);
    }
  };
  return {
    chunks: read(),
    close: () => {
      closed = true;
      body.destroy();
    },
  };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

import { header, type SipRequest, type SipResponse } from '../../sip/message.js';
import type { SessionInterval } from './own-headers.js';
import type { Leg } from './session.js';

/** Seconds (RFC 4028 §4). */
export const MIN_INTERVAL_S = 90;
const MAX_INTERVAL_S = 86_400;
/** Without a session timer on the other side we still ask now and then whether the phone has the call. */
const CHECK_INTERVAL_S = 900;

type LegTimer = NonNullable<Leg['timer']>;

/** The timer of a leg after a 2xx to our INVITE (RFC 4028 §7.2). @param now milliseconds */
export function timerAfterResponse(response: SipResponse, now: number): LegTimer {
  const granted = sessionExpires(response);
  if (!granted) return { refreshAt: now + CHECK_INTERVAL_S * 1000, expiresAt: Number.MAX_SAFE_INTEGER };
  return timerOf(granted.seconds, granted.refresher === 'uas' ? 'them' : 'us', now);
}

/** What a 2xx to an INVITE of the other side says, and the leg's timer from then on; undefined: it wants none (§9). */
export function answerSessionTimer(
  request: SipRequest,
  now: number,
): { headers: Record<string, string[]>; timer: LegTimer } | undefined {
  const asked = sessionExpires(request);
  if (!asked) return undefined;
  const theyCan = (request.headers.supported ?? []).some((option) => option.toLowerCase() === 'timer');
  const refresher = theyCan && asked.refresher !== 'uas' ? 'uac' : 'uas';
  return {
    headers: {
      'session-expires': [`${asked.seconds};refresher=${refresher}`],
      ...(refresher === 'uac' && { require: ['timer'] }),
    },
    timer: timerOf(asked.seconds, refresher === 'uac' ? 'them' : 'us', now),
  };
}

/** 422 for an interval below the minimum (§6). */
export function refusedSessionInterval(
  request: SipRequest,
): { status: number; headers: Record<string, string[]> } | undefined {
  const asked = sessionExpires(request);
  if (!asked || asked.seconds >= MIN_INTERVAL_S) return undefined;
  return { status: 422, headers: { 'min-se': [String(MIN_INTERVAL_S)] } };
}

/** What to ask for after a 422 (§7.3); undefined for other responses, and for one that asks for no more. */
export function longerInterval(response: SipResponse, tried: SessionInterval): SessionInterval | undefined {
  if (response.status !== 422) return undefined;
  const wanted = Number.parseInt(header(response, 'min-se') ?? '', 10);
  if (!(wanted > tried.minimum) || wanted > MAX_INTERVAL_S) return undefined;
  return { expires: Math.max(wanted, tried.expires), minimum: wanted };
}

function timerOf(seconds: number, refresher: 'us' | 'them', now: number): LegTimer {
  const expiresAt = now + seconds * 1000;
  // Half-way for us; for them the session ends a little early, so that our BYE is the first (§10).
  if (refresher === 'us') return { refreshAt: now + seconds * 500, expiresAt };
  return { expiresAt: expiresAt - Math.min(32, seconds / 3) * 1000 };
}

function sessionExpires(
  message: SipRequest | SipResponse,
): { seconds: number; refresher?: string } | undefined {
  const [interval = '', ...params] = (header(message, 'session-expires') ?? '').split(';');
  const seconds = Number(interval.trim());
  if (!Number.isInteger(seconds) || seconds <= 0) return undefined;
  const refresher = params
    .map((param) => param.trim().toLowerCase())
    .find((param) => param.startsWith('refresher='));
  return { seconds, ...(refresher && { refresher: refresher.slice('refresher='.length) }) };
}

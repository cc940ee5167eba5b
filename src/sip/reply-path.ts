import type { Via } from './message.js';
import type { Target } from './stack.js';

const DEFAULT_PORT = 5060;

/**
 * Notes in the top Via where a request really came from: `received` when the sent-by is another host or `rport`
 * was asked for, and the port in `rport` (RFC 3261 §18.2.1, RFC 3581 §4). What the sender wrote there is not kept.
 */
export function noteSource(via: Via, source: Target): void {
  const asksForPort = via.params.rport !== undefined;
  if (asksForPort) via.params.rport = String(source.port);
  if (asksForPort || via.host !== source.host) via.params.received = source.host;
  else delete via.params.received;
}

/**
 * Where the responses go (RFC 3261 §18.2.2, RFC 3581 §4): the connection of the request, and when that is closed a
 * new one to the sent-by port; over UDP the source address, at its port when `rport` was asked for, else at the
 * sent-by port. `maddr` is not followed: it would let a stranger aim our responses at anyone.
 */
export function replyTarget(via: Via, source: Target): Target {
  if (source.transport === 'udp' && via.params.rport !== undefined) return source;
  return { ...source, port: via.port ?? DEFAULT_PORT };
}

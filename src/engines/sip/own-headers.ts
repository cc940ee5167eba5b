/** Methods of the engine, in every Allow. */
export const ALLOW = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'INFO', 'REFER'];

/** What a phone is told that asks for what cannot be stored now. */
export const STORE_RETRY_AFTER_S = '5';

export function contactOf(own: { host: string; port: number }, transport: 'udp' | 'tcp'): string {
  return `<sip:${own.host}:${own.port}${transport === 'tcp' ? ';transport=tcp' : ''}>`;
}

/** Seconds: what we ask for, and the least that the other side may make of it (RFC 4028 §7.1). */
export interface SessionInterval {
  expires: number;
  minimum: number;
}

/** Headers of every INVITE that we send. */
export function inviteHeaders({ expires, minimum }: SessionInterval): Record<string, string[]> {
  return {
    allow: ALLOW,
    supported: ['timer'],
    'session-expires': [String(expires)],
    'min-se': [String(minimum)],
  };
}

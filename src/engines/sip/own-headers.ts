/** Methods of the engine, in every Allow. */
export const ALLOW = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'INFO'];

export function contactOf(own: { host: string; port: number }, transport: 'udp' | 'tcp'): string {
  return `<sip:${own.host}:${own.port}${transport === 'tcp' ? ';transport=tcp' : ''}>`;
}

/** Headers of every INVITE that we send. @param sessionExpires seconds (RFC 4028 §7.1) */
export function inviteHeaders(sessionExpires: number): Record<string, string[]> {
  return {
    allow: ALLOW,
    supported: ['timer'],
    'session-expires': [String(sessionExpires)],
    'min-se': ['90'],
  };
}

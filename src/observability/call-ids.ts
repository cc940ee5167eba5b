/** The ids of calls have a form of their own, so that what a client sends in the place of one is not taken for it. */
export function isCallId(value: unknown): value is string {
  return typeof value === 'string' && /^callhalf-\d{16,22}:\d$/.test(value);
}

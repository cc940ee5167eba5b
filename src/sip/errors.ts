/** A message or header that cannot be understood; the message says which part and why. */
export class SipParseError extends Error {
  constructor(
    message: string,
    /** Where the top of the message could be read: enough to answer 400. */
    readonly answerable?: { method: string; headers: Map<string, string[]> },
  ) {
    super(message);
  }
}

/** What a stranger may send; everything above is refused before it costs anything. */
export const LIMITS = {
  /** Bytes of a whole message: the largest datagram, and the same over TCP. */
  message: 65_535,
  /** Bytes of start line and headers over TCP, until the empty line. */
  headerBlock: 32_768,
  /** Header lines after unfolding. */
  headerLines: 256,
  /** Characters of one header line after unfolding. */
  line: 8_192,
  vias: 70,
  /** Elements of one comma-separated header. */
  list: 128,
  method: 64,
  callId: 512,
  uri: 2_048,
  /** Parameters of one header value or URI. */
  params: 64,
  sdp: 16_384,
  sdpLines: 512,
} as const;

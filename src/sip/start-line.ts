import { SipParseError } from './errors.js';
import { LIMITS } from './limits.js';
import { isDigits, isToken } from './params.js';
import { parseUri } from './uri.js';

const VERSION = 'SIP/2.0';

export type StartLine =
  { kind: 'request'; method: string; uri: string } | { kind: 'response'; status: number; reason: string };

/** RFC 3261 §7.1, §7.2: single spaces, no other version. @throws SipParseError */
export function parseStartLine(line: string): StartLine {
  if (line.slice(0, 8).toUpperCase() === `${VERSION} `) {
    const status = line.slice(8, 11);
    const after = line[11];
    if (!isDigits(status) || status < '100' || status > '699' || (after !== undefined && after !== ' ')) {
      throw new SipParseError('the status code is malformed');
    }
    const reason = line.slice(12);
    if (reason.includes('\0') || reason.includes('\r') || reason.includes('\n'))
      throw new SipParseError('the reason phrase holds a control character');
    return { kind: 'response', status: Number(status), reason };
  }
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  if (first < 1 || last === first)
    throw new SipParseError('the start line is neither a request nor a response');
  if (line.slice(last + 1).toUpperCase() !== VERSION) throw new SipParseError('the SIP version is not 2.0');
  const method = line.slice(0, first);
  if (method.length > LIMITS.method) throw new SipParseError('the method is too long');
  if (!isToken(method)) throw new SipParseError('the method is malformed');
  const uri = line.slice(first + 1, last);
  checkRequestUri(uri);
  return { kind: 'request', method, uri };
}

function checkRequestUri(uri: string): void {
  try {
    // RFC 3261 §19.1.1: headers in a URI are for other places.
    if (parseUri(uri).headers !== undefined) throw new SipParseError('headers must not stand in it');
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    throw new SipParseError(`the request URI: ${error.message}`);
  }
}

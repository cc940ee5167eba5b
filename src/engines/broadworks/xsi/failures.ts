import { errors } from 'undici';
import { XsiBadAnswer, XsiError, XsiRefused, XsiUnavailable } from './errors.js';
import { parseDocument, textOf, XSI } from './xml.js';

/** Codes of failures before anything was written. */
const NOT_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|UND_ERR_CLOSED)$/;
const BAD_ANSWER =
  /^(HPE$|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_EXCEEDED_MAX_SIZE|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)/;

/**
 * Of the HTTP client, in the words of this room; what it says of addresses is left out.
 * @param begun whether any of the request has been written, as far as is known
 */
export function xsiError(error: unknown, begun = true): XsiError {
  if (error instanceof XsiError) return error;
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  const name = error instanceof errors.HTTPParserError ? 'HPE' : typeof code === 'string' ? code : 'unknown';
  if (BAD_ANSWER.test(name)) return new XsiBadAnswer(`The answer is not HTTP that can be read (${name}).`);
  // Several errors: one for each address of the host that was tried.
  if (!begun || NOT_SENT.test(name) || syscall === 'connect' || error instanceof AggregateError) {
    return new XsiUnavailable(`The switch cannot be reached (${name}).`, false);
  }
  return new XsiUnavailable(`The connection to the switch failed (${name}).`, true);
}

/** Of an answer that is no success. */
export function failureOf(status: number, body: Buffer, contentType: string | undefined): XsiError {
  if (status >= 500) return new XsiUnavailable(`The switch answered ${status}.`, true, status);
  if (status < 400) return new XsiBadAnswer(`The switch answered ${status}, which is not followed.`);
  try {
    const info = parseDocument(body, contentType);
    if (info.ns === XSI && info.name === 'ErrorInfo') {
      return new XsiRefused(
        status,
        textOf(info, 'errorCode'),
        textOf(info, 'summaryEnglish') ?? textOf(info, 'summary'),
      );
    }
  } catch {
    // The status says enough.
  }
  return new XsiRefused(status);
}

import type { Dispatcher } from 'undici';
import type { Deadline } from './deadline.js';
import { XsiBadAnswer } from './errors.js';
import { xsiError } from './failures.js';
import { XML_LIMITS } from './xml.js';

export interface WholeAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/**
 * Sends one request and reads its answer whole. By the lowest interface of the HTTP client: answers are so short that
 * a stream for each cost more than all else of the request.
 * @throws XsiError: no answer, not in time, or one that is too long, which is found out while it is read
 */
export function exchange(
  pool: Dispatcher,
  asked: Dispatcher.DispatchOptions,
  deadline: Deadline,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const answer = { status: 0, headers: {} };
    let begun = false;
    const chunks: Buffer[] = [];
    let length = 0;
    let end: (reason: Error) => void = reject;
    deadline.onPassed((reason) => end(reason));
    pool.dispatch(asked, {
      onRequestStart: (controller) => {
        begun = true;
        end = (reason) => controller.abort(reason);
        if (deadline.passed) end(deadline.passed);
      },
      onResponseStart: (_, status, headers) => {
        if (status >= 200) Object.assign(answer, { status, headers });
      },
      onResponseData: (controller, chunk) => {
        length += chunk.length;
        if (length > XML_LIMITS.bytes) controller.abort(new XsiBadAnswer('The answer is too long.'));
        else chunks.push(chunk);
      },
      onResponseEnd: () => resolve({ ...answer, body: Buffer.concat(chunks) }),
      onResponseError: (_, error) => reject(xsiError(error, begun)),
    });
  });
}

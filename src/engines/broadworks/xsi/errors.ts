/** What can come of asking the switch besides an answer. Messages hold neither addresses nor credentials. */
export abstract class XsiError extends Error {}

/** The switch has refused (4xx). */
export class XsiRefused extends XsiError {
  constructor(
    readonly status: number,
    /** `errorCode` of ErrorInfo, where there was one. */
    readonly errorCode?: string,
    /** In English where the switch has it so. */
    readonly summary?: string,
  ) {
    super(`The switch refused with ${status}${errorCode === undefined ? '' : `, error ${errorCode}`}.`);
  }
}

/** Cannot be reached, cut the connection, answered 5xx, or is not asked for now (breaker, bulkhead). */
export class XsiUnavailable extends XsiError {
  constructor(
    message: string,
    /** Whether the request may have reached the switch. */
    readonly sent: boolean,
    /** Of the answer, where there was one. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** No whole answer in time; the switch may have done what it was asked for. */
export class XsiTimeout extends XsiError {
  constructor(readonly afterMs: number) {
    super(`The switch did not answer within ${afterMs} ms.`);
  }
}

/** An answer that cannot be understood; the switch may have done what it was asked for. */
export class XsiBadAnswer extends XsiError {}

/** Of the answers to GET: whether the calls are as stored, or the switch was asked just now. */
export const CALLS_FROM_HEADER = 'calls-from';

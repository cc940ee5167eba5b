/** What the trunk of the soak does, by called number. */
export const ANSWERS = '+32499000200';
export const BUSY = '+32499000486';
/** Until it is cancelled. */
export const RINGS_ON = '+32499000180';

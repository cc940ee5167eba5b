import { AsyncLocalStorage } from 'node:async_hooks';

/** Which call the work under way is about, for whoever watches it. */
export interface CallInHand {
  /** Of the request that asked for it. */
  requestId?: string | undefined;
  callId?: string | undefined;
  externalTrackingId?: string | undefined;
}

const inHand = new AsyncLocalStorage<CallInHand>();

/** Runs a piece of work of its own. The call may become known on the way: `nameCall` writes it to the object. */
export function aboutCall<T>(call: CallInHand, task: () => T): T {
  const requestId = inHand.getStore()?.requestId;
  if (requestId !== undefined && call.requestId === undefined) call.requestId = requestId;
  return inHand.run(call, task);
}

/**
 * From here on the work under way is about this call, to the end of the event that it is done in. Cheaper than a piece
 * of its own: for a request, which has no one to go back to.
 */
export function beginAbout(call: CallInHand): void {
  inHand.enterWith(call);
}

/** The work under way turns out to be about this call. */
export function nameCall(call: CallInHand): void {
  const current = inHand.getStore();
  if (current) Object.assign(current, call);
}

export function callInHand(): CallInHand | undefined {
  return inHand.getStore();
}

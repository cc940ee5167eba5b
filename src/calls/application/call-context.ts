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

/** The work under way turns out to be about this call. */
export function nameCall(call: CallInHand): void {
  const current = inHand.getStore();
  if (current) Object.assign(current, call);
}

export function callInHand(): CallInHand | undefined {
  return inHand.getStore();
}

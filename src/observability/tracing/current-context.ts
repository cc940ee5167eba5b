import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';

const storage = new AsyncLocalStorage<Context>();

/** The OpenTelemetry context of the work under way. */
export function currentContext(): Context {
  return storage.getStore() ?? ROOT_CONTEXT;
}

export function inContext<T>(context: Context, task: () => T): T {
  return storage.run(context, task);
}

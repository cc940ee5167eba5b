import { type Attributes, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { isCallId } from '../call-ids.js';
import { currentContext, inContext } from './current-context.js';

type MethodsOf<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[keyof T];
export type AsyncMethod<T> = Extract<MethodsOf<T>, string>;

/** Makes a span of each call of the methods from now on, `Class.method`; what they do and answer stays the same. */
export function traceMethods<T extends object>(
  tracer: Tracer,
  target: T,
  name: string,
  methods: readonly AsyncMethod<T>[],
): void {
  for (const method of methods) {
    const original = target[method] as (...args: unknown[]) => Promise<unknown>;
    const traced = (...args: unknown[]) =>
      traceCall(tracer, `${name}.${method}`, args, () => original.apply(target, args));
    Object.defineProperty(target, method, { value: traced, configurable: true, writable: true });
  }
}

async function traceCall(
  tracer: Tracer,
  name: string,
  args: unknown[],
  call: () => Promise<unknown>,
): Promise<unknown> {
  const parent = currentContext();
  const span = tracer.startSpan(name, { attributes: callAttributes(args) }, parent);
  try {
    const result = await inContext(trace.setSpan(parent, span), call);
    const found = callAttributes([result]);
    span.setAttributes(found);
    trace.getSpan(parent)?.setAttributes(found);
    return result;
  } catch (error) {
    failed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The kind only: what an error says may hold numbers. */
function failed(span: Span, error: unknown): void {
  const { name, reason } = error as { name?: unknown; reason?: unknown };
  span.setAttribute('error.type', typeof reason === 'string' ? reason : String(name));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Which call it is about, and nothing else of what is passed around: that holds numbers. */
function callAttributes(values: unknown[]): Attributes {
  for (const value of values) {
    if (isCallId(value)) return { 'call.id': value };
    const found = typeof value === 'object' && value !== null ? idsIn(value) : undefined;
    if (found) return found;
  }
  return {};
}

interface Known {
  callId?: unknown;
  externalTrackingId?: unknown;
  sessionId?: unknown;
  facts?: { callId: string }[];
  call?: { callId: string; externalTrackingId: string };
  calls?: { call?: { callId: string; externalTrackingId: string } }[];
}

/** Of a call or the ids of one, an engine's step or a change of the store. */
function idsIn({ callId, externalTrackingId, sessionId, facts, call, calls }: Known): Attributes | undefined {
  const first = call ?? calls?.[0]?.call;
  const id = callId ?? facts?.[0]?.callId ?? first?.callId;
  const trackingId = externalTrackingId ?? sessionId ?? first?.externalTrackingId;
  const attributes = {
    ...(isCallId(id) && { 'call.id': id }),
    ...(typeof trackingId === 'string' && { 'call.tracking_id': trackingId }),
  };
  return Object.keys(attributes).length > 0 ? attributes : undefined;
}

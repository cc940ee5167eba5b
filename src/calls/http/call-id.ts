import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { requestOf } from '../../auth/http/calling-user.js';
import { CallRefused } from '../domain/call-refused.js';

export const CALL_ID = /^callhalf-\d{1,32}:0$/;

export function isCallId(text: string): boolean {
  return CALL_ID.test(text);
}

/** The path's call id. One that cannot be any call's (`retrieve`, control characters…) never reaches the store. */
export const CallId = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { callId = '' } = requestOf(context).params as { callId?: string };
  if (!isCallId(callId)) throw new CallRefused('callNotFound');
  return callId;
});

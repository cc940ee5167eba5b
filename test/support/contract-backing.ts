import type { SandboxService } from './sandbox-service.js';

/** What the specs of the contract do with a phone, whichever engine it is on. */
export interface ContractPhone {
  /** Rings, until it is picked up. @param incoming the call, in the words of the engine's phones */
  ring(incoming: object): void;
  /** Answers the call that rings. */
  pickUp(): void;
  /** Resolves when a request of the method has come: INVITE, a new call; BYE, the end of one. */
  waitFor(method: string): Promise<unknown>;
  /** Resolves when the call is answered or refused. */
  dial(number: string): Promise<{ status: number }>;
}

/**
 * What a phone does with a new call. Written as methods, whose parameters may be narrower: a script may name one
 * kind of phone.
 */
export type PhoneScript = {
  of(phone: ContractPhone): { invite(incoming: object): void }['invite'];
}['of'];

/** What stands behind the REST interface: the whole service on one engine, and phones that a test can script. */
export interface ContractBacking {
  readonly service: SandboxService;
  start(): Promise<void>;
  /** A phone in the place of the one that is there without a test. By default it answers at once. */
  phone(device: string, script?: PhoneScript): Promise<ContractPhone>;
  /** Takes the phones of the test away. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

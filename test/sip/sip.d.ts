/** The part of the npm package `sip` that serves as an oracle. */
declare module 'sip' {
  export interface Address {
    name?: string;
    uri: string;
    params: Record<string, string | null>;
  }
  export interface Message {
    method?: string;
    uri?: string;
    status?: number;
    reason?: string;
    headers: {
      via: { protocol: string; host: string; port?: number; params: Record<string, string | null> }[];
      from: Address;
      to: Address;
      'call-id': string;
      cseq: { seq: number; method: string };
    };
    content?: string;
  }
  const sip: {
    parse(text: string): Message | undefined;
    stringify(message: Message): string;
  };
  export default sip;
}

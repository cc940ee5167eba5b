/** Turns a text into one that may be read by anybody who may read logs. Takes time linear in the length of the text. */
export type Redact = (text: string) => string;

export const HIDDEN = '•••••';

/** Numbers of another kind: the ids of calls. */
const KEPT = [
  String.raw`callhalf-\d{16,22}`,
  String.raw`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
];

const QUOTED = String.raw`"(?:[^"\\\r\n]|\\.)*"?|'[^'\r\n]*'?`;

/**
 * What is before the secret is a group, which stays. Each alternative reads a bounded piece, or takes what it reads,
 * or ends where the next one could begin: none is tried twice on the same piece.
 */
const SECRETS = [
  String.raw`(\b(?:www-|proxy-)?auth(?:orization|enticate)\\{0,3}["']?\s{0,5}[:=])[^\r\n]*`,
  String.raw`(\bdigest\s{1,5})\w{1,20}\s{0,3}=[^\r\n]*`,
  String.raw`(\b(?:response|c?nonce)\s{0,3}=\s{0,3}\\{0,3}")[^"\r\n]*`,
  String.raw`(\bbearer\s{1,5})(?!tokens?\b|realm\b)[^\s"',;]+`,
  String.raw`(\b)eyJ[\w-]+(?:\.[\w-]*){0,4}`,
  String.raw`((?:password|passwd|passphrase|secret|api[_-]?key|cookie)\\{0,3}["']?\s{0,5}[:=]\s{0,5}\\{0,3})(?:${QUOTED}|[^\s"',;&][^\r\n,;&]*)`,
  String.raw`(token(?:\\{0,3}["']\s{0,5}:|\s{0,5}=)\s{0,5}\\{0,3})(?:${QUOTED}|[^\s"',;&]+)`,
  // The name in an address may be as telling as the password: postgres://user:password@host, https://token@host.
  String.raw`(:\/\/)[^\s\/"'<>]{1,2000}(?=@)`,
  String.raw`(\bsips?:)[^\s:@"'<>]{1,200}:[^\s@"'<>]{1,200}(?=@)`,
];

/** Each of the secrets has one of these, each number digits. */
const SUSPICIOUS = /[\d:=]|bearer|eyj/i;

const PHONE_NUMBERS = [
  String.raw`(?<=\bsips?:)\+?[\d().-]{2,30}(?=@)`,
  String.raw`(?<=\btel:)\+?[\d().-]{2,30}`,
  String.raw`\+\d(?:[ ./()-]{0,2}\d){4,17}`,
  String.raw`(?<!\d)[0(][ /()-]{0,2}\d(?:[ /()-]{0,2}\d){5,16}`,
  String.raw`\d{7,}`,
];

/**
 * Hides credentials (Authorization headers, digests, tokens, passwords also in addresses) and phone numbers: `+3212345678`
 * becomes `+32•••••78`. Any seven digits in a row count as a number.
 */
export function redactor({ phoneNumbers }: { phoneNumbers: 'hidden' | 'shown' }): Redact {
  const numbers = phoneNumbers === 'hidden' ? PHONE_NUMBERS : [];
  const pattern = new RegExp([`(${KEPT.join('|')})`, ...SECRETS, ...numbers].join('|'), 'gi');
  const hide = (text: string) =>
    text.replace(pattern, (found: string, kept: string | undefined, ...rest: (string | number)[]) => {
      if (kept !== undefined) return found;
      const before = rest.slice(0, SECRETS.length).find((group) => group !== undefined);
      return before === undefined ? hideNumber(found) : `${before}${HIDDEN}`;
    });
  return (text) => (SUSPICIOUS.test(text) ? hide(text) : text);
}

/** The last two digits stay, and of an international number the first two. */
export function hideNumber(number: string): string {
  const digits = number.replaceAll(/\D/g, '');
  const end = digits.length > 4 ? digits.slice(-2) : '';
  return number.startsWith('+') && digits.length > 6
    ? `+${digits.slice(0, 2)}${HIDDEN}${end}`
    : `${HIDDEN}${end}`;
}

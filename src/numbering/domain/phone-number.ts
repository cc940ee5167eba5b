import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';

/** How a group dials. */
export interface NumberingPlan {
  /** ISO 3166 country in whose national format numbers may be dialled. */
  country: string;
  /** Digits of every extension of the group. */
  extensionLength: number;
}

export type DialledNumber = { kind: 'number'; e164: string } | { kind: 'extension'; extension: string };

/** What was dialled is neither a phone number nor an extension. The message says why and what is. */
export class InvalidPhoneNumber extends Error {}

const MAX_LENGTH = 32;
const DIALLED = /^\+?[0-9](?:[ -]*[0-9])*$/;

/**
 * Understands what a user of the group dials (BroadWorks number input): `+32-12345678`, `0032 12345678`,
 * `012345678` or the extension `5600`. Exactly `extensionLength` bare digits are always an extension, even
 * where the country has a short number of that length; whether somebody has it is not looked at.
 * Numbers are checked for the length their country allows, not for ranges in use, which change faster than
 * any library: the network has the last word.
 * @throws InvalidPhoneNumber
 */
export function understandNumber(input: unknown, plan: NumberingPlan): DialledNumber {
  if (typeof input !== 'string') throw new InvalidPhoneNumber('The phone number must be a string.');
  const forms = `give +32-12345678, 0032 12345678, a national number of ${plan.country}, or an extension of ${plan.extensionLength} digits`;
  if (input.length > MAX_LENGTH)
    throw new InvalidPhoneNumber(
      `The phone number has ${input.length} characters, at most ${MAX_LENGTH} are allowed.`,
    );
  if (/^\s*(sips?|tel):/i.test(input) || input.includes('@'))
    throw new InvalidPhoneNumber(`"${input}" is an address, not a phone number: ${forms}.`);
  if (!DIALLED.test(input))
    throw new InvalidPhoneNumber(
      `"${input}" is not a phone number: only the digits 0-9, a leading + and, between digits, "-" and space are allowed; ${forms}.`,
    );
  if (input.length === plan.extensionLength && /^[0-9]+$/.test(input))
    return { kind: 'extension', extension: input };
  const digits = input.replaceAll(/[ -]/g, '').replace(/^00/, '+');
  const e164 = toE164(digits, plan.country);
  if (e164 === undefined)
    throw new InvalidPhoneNumber(`"${input}" has not the length of a phone number or extension: ${forms}.`);
  return { kind: 'number', e164 };
}

/**
 * What the number that a phone or a trunk presents for a caller may mean to the group: as dialled, and for bare digits
 * also as E.164 whose `+` was left out. Empty for anything else, such as `anonymous`.
 */
export function presentedNumbers(presented: string, plan: NumberingPlan): DialledNumber[] {
  const international = `+${presented}`;
  const meanings: DialledNumber[] = isE164(international) ? [{ kind: 'number', e164: international }] : [];
  try {
    meanings.push(understandNumber(presented, plan));
  } catch (error) {
    if (!(error instanceof InvalidPhoneNumber)) throw error;
  }
  return meanings;
}

/** Whether `text` is a number in E.164 as this service writes it: `+` and digits, of a length its country allows. */
export function isE164(text: string): boolean {
  return /^\+[1-9][0-9]{4,14}$/.test(text) && toE164(text) === text;
}

/** Whether numbers in the national format of the country can be understood. @param country ISO 3166, upper case */
export function isKnownCountry(country: string): boolean {
  return isSupportedCountry(country);
}

function toE164(digits: string, country?: string): string | undefined {
  const options = country === undefined ? {} : { defaultCountry: country as CountryCode };
  const number = parsePhoneNumberFromString(digits, { ...options, extract: false });
  return number?.isPossible() ? number.number : undefined;
}

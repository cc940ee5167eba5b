import {
  InvalidPhoneNumber,
  isE164,
  isKnownCountry,
  presentedNumbers,
  understandNumber,
} from '../../src/numbering/domain/phone-number.js';

const BE4 = { country: 'BE', extensionLength: 4 };
const number = (e164: string) => ({ kind: 'number', e164 });
const extension = (digits: string) => ({ kind: 'extension', extension: digits });

describe('what a user of a Belgian group with extensions of 4 digits dials', () => {
  it.each([
    ['+3212345678', 'E.164'],
    ['+32-12345678', 'dashes'],
    ['+32 12 34-56 78', 'spaces and dashes'],
    ['0032 12345678', '00 for +'],
    ['003212345678', '00 for +'],
    ['012345678', 'national'],
    ['012 34 56 78', 'national with spaces'],
  ])('%s is the number +3212345678 (%s)', (input) => {
    expect(understandNumber(input, BE4)).toEqual(number('+3212345678'));
  });

  it.each([
    '+3212345600',
    '+3212345601',
    '+3212345680',
    '+3212345681',
    '+3212345682',
    '+3212345683',
    '+3212345684',
    '+3212345685',
    '+3212345686',
    '+3298765400',
  ])('takes the demo number %s', (input) => {
    expect(understandNumber(input, BE4)).toEqual(number(input));
  });

  it.each([
    ['+1 202-555-0123', '+12025550123'],
    ['0044 20 7946 0000', '+442079460000'],
    ['+390612345678', '+390612345678'],
    ['+80012345678', '+80012345678'],
  ])('takes the foreign number %s as %s', (input, e164) => {
    expect(understandNumber(input, BE4)).toEqual(number(e164));
  });

  it.each(['5600', '0000', '1205', '0032'])('takes the four bare digits %s for an extension', (input) => {
    expect(understandNumber(input, BE4)).toEqual(extension(input));
  });

  it.each([
    ['', 'empty'],
    [' ', 'blank'],
    ['+', 'no digits'],
    ['560', 'shorter than an extension'],
    ['56000', 'longer than an extension'],
    ['56-00', 'an extension has no separators'],
    ['+5600', 'an extension has no plus'],
    ['112', 'a short number'],
    ['+32112', 'a short number'],
    ['+321', 'too short'],
    ['+321234567890123', 'too long for the country'],
    ['+9991234567', 'no such country'],
    ['+032 12345678', 'no country begins with 0'],
    ['++3212345678', 'two signs'],
    ['32+12345678', 'sign inside'],
    ['-012345678', 'separator in front'],
    ['012345678 ', 'separator at the end'],
    ['(012) 345678', 'parentheses'],
    ['012.34.56.78', 'dots'],
    ['012/345678', 'slash'],
    ['012\t345678', 'tab'],
    ['012\n345678', 'line break'],
    ['012345678\0', 'NUL'],
    ['012\u00a0345678', 'no-break space'],
    ['01234567８', 'full-width digit'],
    ['＋3212345678', 'full-width plus'],
    ['٠١٢٣٤٥٦٧٨', 'Arabic digits'],
    ['５６００', 'full-width extension'],
    ['0800-FLOWERS', 'letters'],
    ['+3212345678;ext=5', 'parameters'],
    ['+3212345678 x5', 'extension of a number'],
    ['*21*5600#', 'a feature code'],
    ['sip:foouser@sip.example.test', 'SIP URI'],
    ['SIP:+3212345678', 'SIP URI'],
    ['tel:+3212345678', 'tel URI'],
    ['+3212345678@sip.example.test', 'address'],
    ['0'.repeat(33), 'longer than any number'],
    ['1 '.repeat(50_000), 'hostile'],
    ['toString', 'name of a method'],
  ])('refuses %j (%s)', (input) => {
    expect(() => understandNumber(input, BE4)).toThrow(InvalidPhoneNumber);
  });

  it.each([[undefined], [null], [3_212_345_678], [['5600']], [{}], [true]])(
    'refuses %j, which is no string',
    (input) => {
      expect(() => understandNumber(input, BE4)).toThrow(
        new InvalidPhoneNumber('The phone number must be a string.'),
      );
    },
  );

  it('says what is allowed', () => {
    expect(() => understandNumber('abc', BE4)).toThrow(
      /"abc" .*digits 0-9.*national number of BE.*extension of 4 digits/,
    );
    expect(() => understandNumber('sip:a@b', BE4)).toThrow(/is an address, not a phone number/);
    expect(() => understandNumber('9'.repeat(40), BE4)).toThrow(/40 characters, at most 32/);
  });
});

describe('groups of other plans', () => {
  it('go by their own country and extension length', () => {
    expect(
      understandNumber('(202) 555-0123'.replaceAll(/[()]/g, ''), { country: 'US', extensionLength: 3 }),
    ).toEqual(number('+12025550123'));
    expect(understandNumber('112', { country: 'BE', extensionLength: 3 })).toEqual(extension('112'));
    expect(() => understandNumber('5600', { country: 'BE', extensionLength: 3 })).toThrow(InvalidPhoneNumber);
    expect(understandNumber('00 32 12345678', { country: 'US', extensionLength: 3 })).toEqual(
      number('+3212345678'),
    );
  });

  it('need a country that has a numbering plan', () => {
    expect(isKnownCountry('BE')).toBe(true);
    for (const country of ['XX', 'be', 'Belgium', '', 'constructor'])
      expect(isKnownCountry(country)).toBe(false);
  });
});

describe('what a network presents for a caller', () => {
  it.each([
    ['+32470123456', [number('+32470123456')]],
    ['0470123456', [number('+32470123456')]],
    ['31612345678', [number('+31612345678')]],
    ['5600', [extension('5600')]],
    ['4740000000', [number('+4740000000')]],
    ['31201234', [number('+31201234'), number('+3231201234')]],
    ['anonymous', []],
    ['', []],
    ['+', []],
    ['sip:+32470123456@host', []],
    ['1'.repeat(100_000), []],
  ])('%j may mean', (presented, meant) => {
    expect(presentedNumbers(presented, BE4)).toEqual(meant);
  });
});

describe('E.164', () => {
  it.each(['+3212345678', '+12025550123'])('%s is a number as the service writes it', (text) => {
    expect(isE164(text)).toBe(true);
  });

  it.each(['3212345678', '+32 12345678', '+32012345678', '+321', '+9991234567', ''])('%s is not', (text) => {
    expect(isE164(text)).toBe(false);
  });
});

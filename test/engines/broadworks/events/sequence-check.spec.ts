import { type Place, SequenceCheck } from '../../../../src/engines/broadworks/events/sequence-check.js';

const LAST = 2_147_483_647;

/** Where events with these numbers stand; each has an id of its own, or the one after the colon. */
function placesOf(...events: (number | string)[]): Place[] {
  const check = new SequenceCheck();
  return events.map((event, index) => {
    const [number, id = `event-${index}`] = String(event).split(':');
    return check.place(Number(number), id);
  });
}

describe('the sequence of the events of a subscription', () => {
  it('begins with any number', () => {
    expect(placesOf(7, 8, 9)).toEqual(['next', 'next', 'next']);
  });

  it('goes on with 1 after 2147483647', () => {
    expect(placesOf(LAST - 1, LAST, 1, 2)).toEqual(['next', 'next', 'next', 'next']);
  });

  it('has a gap where a number is left out, also at the wrap', () => {
    expect(placesOf(1, 3, 4)).toEqual(['next', 'gap', 'next']);
    expect(placesOf(LAST, 2, 3)).toEqual(['next', 'gap', 'next']);
    expect(placesOf(LAST - 1, 1, 2)).toEqual(['next', 'gap', 'next']);
  });

  it('takes an event that comes twice once, also when others came in between', () => {
    expect(placesOf('1:a', '1:a', '2:b', '3:c', '1:a', '2:b', 4)).toEqual([
      'next',
      'old',
      'next',
      'next',
      'old',
      'old',
      'next',
    ]);
  });

  it('drops an event that a newer one has overtaken, once and each time', () => {
    expect(placesOf(1, 3, '2:late', '2:late', 4)).toEqual(['next', 'gap', 'old', 'old', 'next']);
    expect(placesOf(LAST - 1, 1, LAST, 2)).toEqual(['next', 'gap', 'old', 'next']);
  });

  it('does not take a switch that counts anew for one that repeats itself', () => {
    expect(placesOf('1:a', '2:b', '3:c', '1:d', '2:e', '3:f', 4)).toEqual([
      'next',
      'next',
      'next',
      'gap',
      'next',
      'next',
      'next',
    ]);
    expect(placesOf(5_000, 1, 2)).toEqual(['next', 'gap', 'next']);
  });

  it('remembers little, however much is left out', () => {
    const check = new SequenceCheck();
    const began = process.cpuUsage();
    for (let number = 1; number < LAST / 2; number += 10_000_000) check.place(number, `event-${number}`);
    expect(process.cpuUsage(began).user).toBeLessThan(200_000);
  });
});

import { array, assert, integer, property } from 'fast-check';
import { wireTime } from '../../src/calls/http/call-view.js';

test('a time is written in UTC with six decimals and no zone letter', () => {
  expect(wireTime(Date.UTC(2021, 9, 29, 11, 45, 14, 535))).toBe('2021-10-29T11:45:14.535000');
  expect(wireTime(Date.UTC(2024, 1, 29, 0, 0, 0, 7))).toBe('2024-02-29T00:00:00.007000');
});

test('every time is written as the platform writes it, whichever came before', () => {
  assert(
    property(array(integer({ min: 0, max: 4e12 })), (times) => {
      for (const time of times)
        expect(wireTime(time)).toBe(`${new Date(time).toISOString().slice(0, -1)}000`);
    }),
  );
});

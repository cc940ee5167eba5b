import { RequestCounts } from '../../src/http/request-counts.js';

const SPAN = 1_000;
const counts = (most = 10) => new RequestCounts(SPAN, most);

test('requests of one key are counted, those of others beside them', () => {
  const both = counts();
  expect(both.add('a', 0).requests).toBe(1);
  expect(both.add('b', 1).requests).toBe(1);
  expect(both.add('a', 2).requests).toBe(2);
});

test('a span begins with its first request, whatever others do', () => {
  const both = counts();
  both.add('a', 0);
  both.add('b', 400);
  expect(both.add('a', 999)).toEqual({ requests: 2, endsAt: SPAN });
  expect(both.add('a', SPAN)).toEqual({ requests: 1, endsAt: 2 * SPAN });
  expect(both.add('b', SPAN)).toEqual({ requests: 2, endsAt: 400 + SPAN });
});

test('of too many keys the one that was counted longest ago is forgotten', () => {
  const two = counts(2);
  two.add('a', 0);
  two.add('b', 1);
  two.add('a', 2);
  two.add('c', 3);
  expect(two.add('a', 4).requests).toBe(3);
  expect(two.add('b', 5).requests).toBe(1);
});

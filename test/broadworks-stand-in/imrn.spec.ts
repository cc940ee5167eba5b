import { BAR, FOO, FOO_PHONE, RINGS, valueIn, Wire } from './xsi-wire.js';

const MOBILE = '+32470123456';

let wire: Wire;
beforeAll(async () => {
  wire = await Wire.start();
});
afterEach(() => wire.control('DELETE', 'calls'));
afterAll(() => wire.close());

const lease = (user: string, calling: string, called: string) =>
  wire.calls(
    'POST',
    user,
    `/imrn?callingPartyAddress=${encodeURIComponent(calling)}&calledPartyAddress=${encodeURIComponent(called)}`,
  );

it('a leased number, called by the mobile, is a call of the user', async () => {
  const answer = await lease(FOO, MOBILE, '5601');
  expect(answer.status).toBe(201);
  const imrn = valueIn(answer.body, 'imrn') ?? '';
  expect(imrn).toBe('+3212345690');
  expect(await wire.press(MOBILE, 'dial', { number: imrn })).toEqual({ status: 200 });
  expect(await wire.look(FOO)).toMatchObject([
    { personality: 'Originator', state: 'Active', remoteAddress: '+3212345601', addressOfRecord: MOBILE },
  ]);
  expect(await wire.look(BAR)).toMatchObject([{ remoteAddress: '+3212345600' }]);
  expect(await wire.press(MOBILE, 'dial', { number: imrn })).toEqual({ status: 404 });
});

it("one of the user's own phones may call it too", async () => {
  const imrn = valueIn((await lease(FOO, MOBILE, '5601')).body, 'imrn');
  await wire.press(FOO_PHONE, 'dial', { number: imrn });
  expect(await wire.look(FOO)).toMatchObject([{ state: 'Active', addressOfRecord: FOO_PHONE }]);
});

it('nobody else can use it', async () => {
  const imrn = valueIn((await lease(FOO, MOBILE, RINGS)).body, 'imrn');
  expect(await wire.press('+32470123457', 'dial', { number: imrn })).toEqual({ status: 404 });
  expect(await wire.look()).toEqual([]);
});

it('three are there for foogroup, and none for bargroup', async () => {
  const leased = await Promise.all([1, 2, 3, 4].map(() => lease(FOO, MOBILE, '5601')));
  expect(leased.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409]);
  expect((await lease('otheruser@bar.example', MOBILE, '5600')).status).toBe(409);
});

it.each([
  ['', '5601'],
  [MOBILE, ''],
  ['abc', '5601'],
])('from %j to %j is refused', async (calling, called) => {
  expect((await lease(FOO, calling, called)).status).toBe(400);
});

import type { BaresipPhone } from '../support/baresip.js';
import { MEDIA_KINDS } from '../support/media-node.js';
import { Office } from '../support/office.js';
import { SippTrunk } from '../support/sipp.js';

/** As in the demo directory. */
const MOBILE = '+32470123456';
const OFFICE_NUMBER = '+3212345600';
const STRANGER = '+32470999999';

describe.each(MEDIA_KINDS)('a call from the mobile to a leased number, audio through %s', (media) => {
  const office = new Office(media);
  const fooUser = () => office.as('foouser');
  const barUser = () => office.as('baruser');
  let bar: BaresipPhone;
  let imrn: string;

  beforeAll(async () => {
    await office.open();
    bar = await office.phone('LP_baruser');
  });

  beforeEach(async () => {
    const { status, body } = await fooUser().leaseImrn('5601', MOBILE);
    expect(status).toBe(201);
    imrn = body.imrn as string;
  });

  afterEach(() => office.clear());
  afterAll(() => office.close());

  const from = (number: string) => office.withTrunk(SippTrunk.converses(imrn, number, office.service.sip));

  it("is the user's own call, under the office number, and both hear each other", async () => {
    const mobile = from(MOBILE);
    await office.talk(mobile, bar);
    const mine = await fooUser().only('Active');
    expect(mine).toMatchObject({
      personality: 'Originator',
      remoteParty: { address: '+3212345601', callType: 'Group' },
    });
    expect(await barUser().only('Active')).toMatchObject({
      externalTrackingId: mine.externalTrackingId,
      personality: 'Terminator',
      remoteParty: { address: OFFICE_NUMBER, callType: 'Group' },
    });
    expect(bar.events.findLast(({ type }) => type === 'CALL_ESTABLISHED')?.peeruri).toContain(OFFICE_NUMBER);
  });

  it('is held, reconnected and released as any call of the user', async () => {
    const mobile = from(MOBILE);
    const { callId } = await fooUser().only('Active');
    await office.talk(mobile, bar);
    expect((await fooUser().hold(callId)).status).toBe(200);
    await office.silent(bar);
    expect((await fooUser().reconnect(callId)).status).toBe(200);
    await office.talk(mobile, bar);
    expect((await fooUser().release(callId)).status).toBe(200);
    await bar.idle();
    await mobile.done();
  });

  it('is declined from any other number, and the lease is still there for the mobile', async () => {
    await SippTrunk.isDeclined(imrn, STRANGER, office.service.sip).done();
    await office.talk(from(MOBILE), bar);
  });

  it('is declined the second time', async () => {
    const mobile = from(MOBILE);
    const { callId } = await fooUser().only('Active');
    await fooUser().release(callId);
    await mobile.done();
    await SippTrunk.isDeclined(imrn, MOBILE, office.service.sip).done();
    await Promise.all([fooUser().none(), barUser().none()]);
    await bar.idle();
  });
});

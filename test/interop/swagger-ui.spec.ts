import { jest } from '@jest/globals';
import { TRUNK_NUMBERS } from '../../src/sandbox/virtual-trunk.js';
import { DocsPage, openBrowser } from '../support/docs-page.js';
import { ServiceProcess } from '../support/service-process.js';

const HEADINGS = [
  'Call phone number',
  'Retrieve Call List',
  'Retrieve Call Details',
  'Call State Modify',
  'Release Call',
  'Call Retrieve',
  'IMRN Resource Create',
];

// A busy machine draws a long page slowly.
jest.setTimeout(180_000);

describe('the page of the API, in Chromium', () => {
  const service = new ServiceProcess({ SANDBOX: 'on' });
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let docs: DocsPage;

  beforeAll(async () => {
    [browser] = await Promise.all([openBrowser(), service.start()]);
  });
  afterEach(async () => {
    await docs.close();
    expect(docs.complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await service.stop();
  });

  it('takes a newcomer from a token to a call, its details, a hold and its release', async () => {
    docs = await DocsPage.open(browser, service.url, 1280);
    await docs.authorize(service.tokenOf('foouser'));

    const dial = await docs.operation('callPhoneNumber').tryItOut();
    expect(await dial.body()).toContain('"+3212345678"');
    const dialed = await dial.execute();
    expect(dialed).toEqual({
      status: '201',
      body: { callId: expect.stringMatching(/^callhalf-\d+:0$/), externalTrackingId: expect.any(String) },
    });
    const callId = String(dialed.body.callId);
    await service.as('foouser').only('Active');

    const get = await docs.operation('retrieveCallDetails').tryItOut();
    expect(await get.value('userId')).toBe('foouser');
    await get.fill('callId', callId);
    expect(await get.execute()).toMatchObject({ status: '200', body: { callId, state: 'Active' } });

    const modify = await docs.operation('modifyCallState').tryItOut();
    await modify.fill('callId', callId);
    expect(await modify.execute()).toEqual({ status: '200', body: {} });
    expect(await get.execute()).toMatchObject({ status: '200', body: { callId, state: 'Held' } });

    const release = await docs.operation('releaseCall').tryItOut();
    await release.fill('callId', callId);
    expect(await release.execute()).toEqual({ status: '200', body: {} });
    await docs.screenshot('first-call-1280');
  });

  it('keeps the token and the place over a reload', async () => {
    docs = await DocsPage.open(browser, service.url, 1280);
    await docs.authorize(service.tokenOf('foouser'));
    await docs.operation('releaseCall').expand();
    await docs.reload();
    expect(await docs.isAuthorized()).toBe(true);
    expect(await docs.openOperations()).toEqual(['Release Call']);
  });

  it('shows the operations as the reference page, the states, and the numbers of the sandbox', async () => {
    docs = await DocsPage.open(browser, service.url, 1280);
    expect(await docs.headings()).toEqual(HEADINGS);
    expect(await docs.pictureWidth()).toBe(400);
    const text = await docs.introduction();
    expect(text).toContain('npm run -s token -- --tenant foo --group foogroup --user foouser');
    for (const [number, { does }] of Object.entries(TRUNK_NUMBERS))
      expect(text.replaceAll(/\s+/g, ' ')).toContain(`${number} ${does}`);
    await docs.screenshot('page-1280');
  });

  it('fits a window of 390 pixels, with every operation open', async () => {
    docs = await DocsPage.open(browser, service.url, 390);
    await docs.authorize(service.tokenOf('foouser'));
    expect(await docs.overflowing()).toEqual([]);
    // Its smallest letters are 12 pixels high at this width.
    expect(await docs.pictureWidth()).toBeGreaterThanOrEqual(360);
    await docs.screenshot('page-390');
    const dial = await docs.operation('callPhoneNumber').tryItOut();
    const { body } = await dial.execute();
    await service.as('foouser').release(String(body.callId));
    for (const operationId of [
      'retrieveCallList',
      'retrieveCallDetails',
      'modifyCallState',
      'releaseCall',
      'callRetrieve',
      'createImrn',
    ])
      await docs.operation(operationId).tryItOut();
    expect(await docs.overflowing()).toEqual([]);
    await docs.screenshot('all-open-390');
  });
});

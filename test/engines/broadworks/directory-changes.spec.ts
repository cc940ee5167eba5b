import { Logger } from '@nestjs/common';
import { Directory } from '../../../src/directory/application/directory.js';
import { BroadWorksEngine } from '../../../src/engines/broadworks/broadworks-engine.js';
import { ADMINISTRATOR } from '../../support/broadworks/clusters-file.js';
import { StandIn } from '../../support/broadworks/stand-in.js';
import { LeasesInMemory } from '../../support/channel-leases.js';
import { eventually } from '../../support/wait.js';
import { BAR, directoryOf, FOO, SwitchScene } from './support/switch-scene.js';

Logger.overrideLogger(false);

/** A directory that is read again. */
class ChangingDirectory extends Directory {
  now = directoryOf(FOO);

  findUser: Directory['findUser'] = (ref) => this.now.findUser(ref);
  findGroup: Directory['findGroup'] = (tenantId, groupId) => this.now.findGroup(tenantId, groupId);
  findUserByNumber: Directory['findUserByNumber'] = (number) => this.now.findUserByNumber(number);
  findGroupByImrn: Directory['findGroupByImrn'] = (number) => this.now.findGroupByImrn(number);
  findUserByExtension: Directory['findUserByExtension'] = (...names) =>
    this.now.findUserByExtension(...names);
  findDevice: Directory['findDevice'] = (address) => this.now.findDevice(address);
  users = () => this.now.users();
}

let standIn: StandIn;
let scene: SwitchScene;
let engine: BroadWorksEngine;
const directory = new ChangingDirectory();

beforeAll(async () => {
  [standIn, scene] = await Promise.all([StandIn.start(), SwitchScene.open()]);
  const cluster = { id: 'east', url: standIn.url, ...ADMINISTRATOR, timeoutMs: 2_000, maxConcurrent: 8 };
  engine = new BroadWorksEngine(
    { clusters: [cluster], commandTimeoutMs: 1_000 },
    directory,
    scene.store,
    new LeasesInMemory(),
  );
  await engine.start(scene.journal, { calls: [], sessions: [] });
  await eventually(
    async () => (await engine.catchUp(FOO)) === 'store' || undefined,
    () => 'the engine does not hear of its switch',
  );
}, 20_000);

afterAll(async () => {
  await engine.stop();
  await standIn.stop();
  await scene.close();
});

it('A user who appears in the directory has calls, also those that are there already, to their ends', async () => {
  await standIn.dial('+32470000001', '+3212345601');
  expect(await scene.ongoing(BAR)).toEqual([]);
  expect(engine.canRing(BAR)).toBe(true);
  directory.now = directoryOf(FOO, BAR);
  expect(await engine.catchUp(BAR)).toBe('switch');
  const [call] = await eventually(
    async () => {
      const calls = await scene.ongoing(BAR);
      return calls[0]?.state === 'Active' ? calls : undefined;
    },
    () => 'no call of baruser is stored',
  );
  expect(call).toMatchObject({
    owner: BAR.ref,
    personality: 'Terminator',
    remoteParty: { address: '+32470000001', callType: 'Unknown' },
  });
  await standIn.press('+32470000001', 'hang-up');
  await scene.becomes(call?.callId ?? '', 'Released');
}, 20_000);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallJournal } from '../../../../src/calls/application/call-journal.js';
import type { Call } from '../../../../src/calls/domain/call.js';
import type { CallBegan } from '../../../../src/calls/domain/call-fact.js';
import type { Directory } from '../../../../src/directory/application/directory.js';
import type { User } from '../../../../src/directory/domain/user.js';
import { IndexedDirectory } from '../../../../src/directory/indexed-directory.js';
import type { SeenCall } from '../../../../src/engines/broadworks/xsi/seen-call.js';
import { SqliteCallRepository } from '../../../../src/persistence/sqlite/sqlite-call-repository.js';
import { SqliteStore } from '../../../../src/persistence/sqlite/sqlite-store.js';
import { aFact, aNewCall, type LaterKind } from '../../../support/some-calls.js';
import { StoreWithOutages } from '../../../support/store-with-outages.js';
import { eventually } from '../../../support/wait.js';
import { SwitchOfActions } from './switch-of-actions.js';

/** A played switch, the embedded store, and users who are on cluster east. */
export class SwitchScene {
  readonly store: StoreWithOutages;
  readonly journal: CallJournal;

  private constructor(
    readonly played: SwitchOfActions,
    private readonly folder: string,
    private readonly file: SqliteStore,
  ) {
    this.store = new StoreWithOutages(new SqliteCallRepository(file));
    this.journal = new CallJournal(this.store, this.store.health);
  }

  static async open(): Promise<SwitchScene> {
    const folder = mkdtempSync(join(tmpdir(), 'switch-scene-'));
    return new SwitchScene(await SwitchOfActions.start(), folder, await SqliteStore.open(folder));
  }

  async close(): Promise<void> {
    this.store.away = false;
    await this.journal.close(1_000);
    await this.played.stop();
    await this.file.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  ongoing(user: User): Promise<Call[]> {
    return this.store.listOngoing(user.ref);
  }

  async stored(callId: string): Promise<Call> {
    const call = await this.store.find(callId);
    if (!call) throw new Error(`${callId} is not stored`);
    return call;
  }

  async kinds(callId: string): Promise<string> {
    return (await this.store.eventsOf(callId)).map(({ fact }) => fact.kind).join(' ');
  }

  /** Resolves when the call is stored so. */
  async becomes(callId: string, state: Call['state']): Promise<Call> {
    let last: Call | undefined;
    return eventually(
      async () => {
        last = await this.store.find(callId).catch(() => undefined);
        return last?.state === state ? last : undefined;
      },
      () => `${callId} is ${last?.state}, not ${state}`,
    );
  }

  /** A stored call of the user, which the switch has too or not. */
  async has(
    user: User,
    ids: Pick<SeenCall, 'callId' | 'externalTrackingId'>,
    ...later: LaterKind[]
  ): Promise<Call> {
    const { callId, externalTrackingId } = ids;
    const fact = {
      ...aNewCall(user.ref.userId).fact,
      kind: 'originated',
      callId,
      externalTrackingId,
    } as CallBegan;
    await this.journal.record({ sessionId: externalTrackingId, facts: [fact] });
    for (const kind of later) await this.happens(ids, kind);
    return this.stored(callId);
  }

  /** Something is stored by whichever process. */
  async happens(ids: Pick<SeenCall, 'callId' | 'externalTrackingId'>, kind: LaterKind): Promise<void> {
    await this.journal.record({ sessionId: ids.externalTrackingId, facts: [aFact(kind, ids.callId)] });
  }
}

export const FOO = aUser('foouser', { phoneNumber: '+3212345600', extension: '5600' });
export const BAR = aUser('baruser', { phoneNumber: '+3212345601', extension: '5601' });
/** Without an account on a switch. */
export const LONELY = { ...aUser('lonely'), switchAccount: undefined } as unknown as User;

export function directoryOf(...users: User[]): Directory {
  const group = { tenantId: 'foo', groupId: 'foogroup', country: 'BE', extensionLength: 4 };
  return new IndexedDirectory([group], users);
}

export function idOf(user: User): string {
  return user.switchAccount?.userId ?? '';
}

function aUser(userId: string, given: Partial<User> = {}): User {
  return {
    ref: { tenantId: 'foo', groupId: 'foogroup', userId },
    mobileNumbers: [],
    devices: [{ addressOfRecord: `LP_${userId}@sip.example.test`, password: 'secret' }],
    recordingMode: 'On Demand with User Initiated Start',
    switchAccount: { userId: `${userId}@foo.example`, cluster: 'east' },
    ...given,
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admission } from '../../src/calls/application/admission.js';
import { CallEngine } from '../../src/calls/application/call-engine.js';
import { type CallEvent, CallRepository } from '../../src/calls/application/call-repository.js';
import { CallJournal } from '../../src/calls/application/call-journal.js';
import { StoreHealth } from '../../src/calls/application/store-health.js';
import { loadConfig } from '../../src/config/config.js';
import { Media } from '../../src/media/media.js';
import { type RunningService, startService } from '../../src/service.js';
import { ownToken } from './own-token.js';
import { callsPath, RestClient } from './rest-client.js';

/** The whole service in this process, with the demo directory, its virtual phones and the virtual trunk. */
export class SandboxService {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'sandbox-'));
  private service: RunningService | undefined;

  constructor(private readonly env: Record<string, string> = {}) {}

  async start(): Promise<void> {
    const own = { HOST: '127.0.0.1', PORT: '0', SIP_PORT: '0', DATA_DIR: this.dataDir };
    this.service = await startService(loadConfig({ ...own, ...this.env }), { logger: false });
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    this.service = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async as(user: string, tenant = 'foo', group = 'foogroup'): Promise<RestClient> {
    const token = await ownToken(this.dataDir, { tenant, group, user });
    return new RestClient(() => this.running.url + callsPath({ tenant, group, user }), token);
  }

  /** What the store holds of a call. */
  eventsOf(callId: string): Promise<CallEvent[]> {
    return this.repository.eventsOf(callId);
  }

  /** Where phones register. */
  get sip(): NonNullable<RunningService['sip']> {
    if (!this.running.sip) throw new Error('The engine speaks no SIP');
    return this.running.sip;
  }

  /** Of the REST interface. */
  get port(): number {
    return Number(new URL(this.running.url).port);
  }

  get media(): Media {
    return this.running.app.get(Media, { strict: false });
  }

  get storeHealth(): StoreHealth {
    return this.running.app.get(StoreHealth, { strict: false });
  }

  /** Steps that wait for the store. */
  get waiting(): number {
    return this.running.app.get(CallJournal, { strict: false }).waiting;
  }

  get admission(): Admission {
    return this.running.app.get(Admission, { strict: false });
  }

  get engine(): CallEngine {
    return this.running.app.get(CallEngine, { strict: false });
  }

  /** `http://host:port` */
  get url(): string {
    return this.running.url;
  }

  get repository(): CallRepository {
    return this.running.app.get(CallRepository, { strict: false });
  }

  private get running(): RunningService {
    if (!this.service) throw new Error('The service is not started');
    return this.service;
  }
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { checkTransitionTable } from '../domain/call-lifecycle.js';
import { CallEngine } from './call-engine.js';
import { CallJournal } from './call-journal.js';
import { CallRepository } from './call-repository.js';

/** Milliseconds for which a store that is away when the service stops is waited for. */
const GRACE_MS = 5_000;

/** Takes up the stored calls when the process starts, and hands them to the engine. */
@Injectable()
export class StartCalls implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(StartCalls.name);

  constructor(
    private readonly repository: CallRepository,
    private readonly journal: CallJournal,
    private readonly engine: CallEngine,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    checkTransitionTable();
    const found = await this.repository.loadOngoing();
    this.journal.adopt(found);
    await this.engine.start(this.journal, found);
    if (found.calls.length > 0) this.logger.log(`Took up ${found.calls.length} stored calls`);
  }

  /** The last steps are stored before the store closes; one that is away is not waited for much longer. */
  async onApplicationShutdown(): Promise<void> {
    await this.engine.stop();
    await this.journal.close(GRACE_MS);
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { RegistrationStore, StoredBinding } from './registration-store.js';

/** How long a phone waits for the store before it is answered all the same. */
const PATIENCE_MS = 1_000;
const RETRY_MS = 1_000;
/** Of one address of record; others that are gone expire in the store by themselves. */
const MAX_UNSTORED = 20;

/**
 * Writes bindings to the store. While it is away phones register all the same, and how their bindings are by then is
 * written when it is back.
 */
export class KeepRegistrations {
  private readonly logger = new Logger(KeepRegistrations.name);
  /** Contacts whose binding, or the lack of one, is not stored, by address of record. */
  private readonly unstored = new Map<string, Set<string>>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /** @param bindingsOf the bindings of an address of record as they are now */
  constructor(
    private readonly store: RegistrationStore,
    private readonly bindingsOf: (addressOfRecord: string) => StoredBinding[],
  ) {}

  /** Resolves when the contacts are stored as they are now, or a little later where the store does not answer. */
  async write(addressOfRecord: string, contacts: string[]): Promise<void> {
    const written = contacts.map((contact) => this.writeOne(addressOfRecord, contact));
    const patience = new AbortController();
    const { signal } = patience;
    await Promise.race([
      Promise.all(written),
      delay(PATIENCE_MS, undefined, { signal }).catch(() => undefined),
    ]);
    patience.abort();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    if (this.unstored.size > 0)
      this.logger.error(`Registrations of ${this.unstored.size} devices are not stored`);
  }

  /** False: the store is away, it is tried again. */
  private async writeOne(addressOfRecord: string, contact: string): Promise<boolean> {
    const binding = this.bindingsOf(addressOfRecord).find((each) => each.contact === contact);
    try {
      await (binding ? this.store.save(binding) : this.store.remove(addressOfRecord, contact));
      return true;
    } catch (error) {
      this.keep(addressOfRecord, contact, error);
      return false;
    }
  }

  private keep(addressOfRecord: string, contact: string, error: unknown): void {
    if (this.unstored.size === 0)
      this.logger.warn(`Registrations are not stored, it is tried again: ${String(error)}`);
    const contacts = this.unstored.get(addressOfRecord) ?? new Set();
    this.unstored.set(addressOfRecord, contacts);
    if (contacts.size < MAX_UNSTORED) contacts.add(contact);
    if (this.stopped) return;
    this.timer ??= setTimeout(() => void this.tryAgain(), RETRY_MS).unref();
  }

  /** One by one, until the store refuses the first. */
  private async tryAgain(): Promise<void> {
    for (const [addressOfRecord, contacts] of this.unstored) {
      for (const contact of contacts) {
        this.timer = undefined;
        contacts.delete(contact);
        if (!(await this.writeOne(addressOfRecord, contact))) return;
      }
      if (contacts.size === 0) this.unstored.delete(addressOfRecord);
    }
    this.logger.warn('All registrations are stored again');
  }
}

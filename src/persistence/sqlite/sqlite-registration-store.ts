import { RegistrationStore, type StoredBinding } from '../../engines/sip/phones/registration-store.js';
import { deleteRegistration, saveRegistration } from '../row-writes.js';
import { bindingOf } from '../rows.js';
import type { SqliteStore } from './sqlite-store.js';

export class SqliteRegistrationStore extends RegistrationStore {
  constructor(private readonly store: SqliteStore) {
    super();
  }

  override async load(): Promise<StoredBinding[]> {
    return this.store.all('registrations').map(bindingOf);
  }

  override save(binding: StoredBinding): Promise<void> {
    return this.store.write([saveRegistration(binding)]);
  }

  override remove(addressOfRecord: string, contact: string): Promise<void> {
    return this.store.write([deleteRegistration(addressOfRecord, contact)]);
  }
}

import { RegistrationStore, type StoredBinding } from '../../engines/sip/phones/registration-store.js';
import { deleteRegistration, saveRegistration } from '../row-writes.js';
import { bindingOf } from '../rows.js';
import type { PostgresStore } from './postgres-store.js';

export class PostgresRegistrationStore extends RegistrationStore {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async load(): Promise<StoredBinding[]> {
    return (await this.store.all('registrations')).map(bindingOf);
  }

  override save(binding: StoredBinding): Promise<void> {
    return this.store.write(binding.addressOfRecord, saveRegistration(binding));
  }

  override remove(addressOfRecord: string, contact: string): Promise<void> {
    return this.store.write(addressOfRecord, deleteRegistration(addressOfRecord, contact));
  }
}

import type { Group } from '../../directory/domain/user.js';
import { ImrnRepository } from '../../imrn/application/imrn-repository.js';
import type { ImrnLease } from '../../imrn/domain/imrn-lease.js';
import { forgetLease, takeLease, useLease, written } from '../row-writes.js';
import { leaseOf } from '../rows.js';
import type { SqliteStore } from './sqlite-store.js';

export class SqliteImrnRepository extends ImrnRepository {
  constructor(private readonly store: SqliteStore) {
    super();
  }

  override async listOf({ tenantId, groupId }: Pick<Group, 'tenantId' | 'groupId'>): Promise<ImrnLease[]> {
    return this.store.all('leasesOfGroup', tenantId, groupId).map(leaseOf);
  }

  override async find(number: string): Promise<ImrnLease | undefined> {
    const row = this.store.one('findLease', number);
    return row && leaseOf(row);
  }

  override take(lease: ImrnLease): Promise<boolean> {
    return written(this.store.write([takeLease(lease)]));
  }

  override use(lease: ImrnLease): Promise<boolean> {
    return written(this.store.write([useLease(lease)]));
  }

  override forget(lease: ImrnLease): Promise<void> {
    return this.store.write([forgetLease(lease)]);
  }
}

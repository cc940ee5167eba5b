import type { Group } from '../../directory/domain/user.js';
import { ImrnRepository } from '../../imrn/application/imrn-repository.js';
import type { ImrnLease } from '../../imrn/domain/imrn-lease.js';
import { forgetLease, takeLease, useLease, written } from '../row-writes.js';
import { leaseOf } from '../rows.js';
import type { PostgresStore } from './postgres-store.js';

export class PostgresImrnRepository extends ImrnRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async listOf({ tenantId, groupId }: Pick<Group, 'tenantId' | 'groupId'>): Promise<ImrnLease[]> {
    return (await this.store.all('leasesOfGroup', tenantId, groupId)).map(leaseOf);
  }

  override async find(number: string): Promise<ImrnLease | undefined> {
    const [row] = await this.store.all('findLease', number);
    return row && leaseOf(row);
  }

  override take(lease: ImrnLease): Promise<boolean> {
    return written(this.store.write(lease.number, takeLease(lease)));
  }

  override use(lease: ImrnLease): Promise<boolean> {
    return written(this.store.write(lease.number, useLease(lease)));
  }

  override forget(lease: ImrnLease): Promise<void> {
    return this.store.write(lease.number, forgetLease(lease));
  }
}

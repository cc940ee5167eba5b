import { Admission } from '../../src/calls/application/admission.js';
import { FindDestination } from '../../src/calls/application/find-destination.js';
import type { Directory } from '../../src/directory/application/directory.js';
import type { User } from '../../src/directory/domain/user.js';
import { readDirectory } from '../../src/directory/yaml/read-directory.js';
import { ClaimImrn } from '../../src/imrn/application/claim-imrn.js';
import type { ImrnRepository } from '../../src/imrn/application/imrn-repository.js';
import type { ImrnAllocation } from '../../src/imrn/application/imrn-allocation.js';
import { LeaseImrn } from '../../src/imrn/application/lease-imrn.js';
import { PoolImrnAllocation } from '../../src/imrn/application/pool-imrn-allocation.js';

export const MOBILE = '+32470123456';

/** A group with a pool, of users who each have their own mobile. */
export function imrnDirectory(pool: string[]): Directory {
  return readDirectory(
    `tenants:
  - id: foo
    groups:
      - id: g
        country: BE
        extensionLength: 4
        imrnPool: [${pool.join(', ')}]
        users:
          - {id: foouser, phoneNumber: +3212345600, extension: 5600, mobileNumbers: [${MOBILE}, +31612345678]}
          - {id: baruser, phoneNumber: +3212345601, extension: 5601, mobileNumbers: [+32470123457]}
          - {id: bazuser, extension: 5602, mobileNumbers: [+32470123458]}
          - {id: quxuser, mobileNumbers: [+32470123459]}
`,
    'directory.yaml',
  );
}

/** The use cases of one replica. */
export class ImrnUseCases {
  readonly admission = new Admission();
  private readonly leaseImrn: LeaseImrn;
  readonly anchor: ClaimImrn;

  constructor(
    readonly directory: Directory,
    leases: ImrnRepository,
    ttlMs = 30_000,
    allocation: ImrnAllocation = new PoolImrnAllocation(leases, ttlMs),
  ) {
    const destinations = new FindDestination(directory);
    this.leaseImrn = new LeaseImrn(directory, destinations, allocation, this.admission);
    this.anchor = new ClaimImrn(directory, destinations, leases);
  }

  user(userId: string): User {
    const user = this.directory.findUser({ tenantId: 'foo', groupId: 'g', userId });
    if (!user) throw new Error(`no ${userId}`);
    return user;
  }

  /** foouser asks. */
  lease(phoneNumber: string, callingPhoneNumber = MOBILE, userId = 'foouser'): Promise<string> {
    return this.leaseImrn.lease(this.user(userId), phoneNumber, callingPhoneNumber);
  }
}

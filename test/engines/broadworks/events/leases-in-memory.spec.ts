import { describeChannelLeases } from '../../../contracts/channel-leases.contract.js';
import { LeasesInMemory } from '../../../support/channel-leases.js';

describe('the channel leases that tests keep in memory', () => {
  const rows = new Map();
  describeChannelLeases(async () => {
    const leases = new LeasesInMemory(rows);
    return {
      leases,
      close: async () => {
        leases.away = true;
      },
    };
  });
});

import { jest } from '@jest/globals';
import { RelayMedia } from '../../src/media/relay/relay-media.js';
import { describeMedia } from '../contracts/media.contract.js';

jest.setTimeout(60_000);

describe('the relay', () => {
  describeMedia(async (recordingsDir) => {
    const media = new RelayMedia({
      host: '127.0.0.1',
      ports: { first: 31_000, last: 31_999 },
      recordingsDir,
    });
    await media.start();
    return media;
  });
});

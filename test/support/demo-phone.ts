import { BaresipPhone } from './baresip.js';
import { PORTS_PER_PHONE } from './rtp-ear.js';

const ADDRESSES = ['LP_foouser', 'LP_baruser', 'MB_foouser', 'LP_bazuser'];
const TONES = { LP_foouser: 440, LP_baruser: 880, MB_foouser: 1320, LP_bazuser: 660 };

export type DemoDevice = keyof typeof TONES;

/** A baresip for a device of the demo directory, on a loopback address, RTP ports and a tone of its own. */
export function demoPhone(
  device: DemoDevice,
  registrar: { host: string; port: number },
  options: {
    transport?: 'udp' | 'tcp';
    answer?: 'auto' | 'manual';
    password?: string;
    account?: string;
  } = {},
): Promise<BaresipPhone> {
  const place = ADDRESSES.indexOf(device);
  return BaresipPhone.start({
    address: `127.0.0.${place + 2}`,
    addressOfRecord: `${device}@sip.example.test`,
    password: options.password ?? `${device}-secret`,
    registrar,
    transport: options.transport ?? 'udp',
    toneHz: TONES[device],
    firstRtpPort: 20_000 + place * PORTS_PER_PHONE,
    answer: options.answer ?? 'auto',
    ...(options.account !== undefined && { account: options.account }),
  });
}

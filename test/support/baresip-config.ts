import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORTS_PER_PHONE } from './rtp-ear.js';
import { writeTone } from './tones.js';

const MODULES = ['/usr/lib/baresip/modules', '/usr/lib/x86_64-linux-gnu/baresip/modules'];

export interface PhoneOptions {
  /** Loopback address of its own. */
  address: string;
  addressOfRecord: string;
  password: string;
  /** Without one it is a phone on its own, which answers at its address. */
  registrar?: { host: string; port: number };
  transport: 'udp' | 'tcp';
  /** What it says into the call. */
  toneHz: number;
  /** A multiple of PORTS_PER_PHONE. */
  firstRtpPort: number;
  answer?: 'auto' | 'manual';
  /** The line of its file of accounts, in place of the one that the others make. */
  account?: string;
}

/** What a baresip without a display reads in its folder. */
export function writeBaresipConfig(folder: string, options: PhoneOptions): void {
  const { address, toneHz, firstRtpPort } = options;
  const tone = join(folder, 'tone.wav');
  writeTone(tone, toneHz, 120);
  const modules = ['g711', 'aufile', 'aubridge', 'sndfile'];
  const config = [
    `sip_listen ${address}:5060`,
    `net_af ipv4`,
    `module_path ${MODULES.find(existsSync) ?? MODULES[0]}`,
    ...modules.map((name) => `module ${name}.so`),
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app ctrl_tcp.so',
    'module_app menu.so',
    `audio_source aufile,${tone}`,
    'audio_player aubridge,nil',
    'audio_alert aubridge,nil',
    'audio_path /nonexistent',
    `ctrl_tcp_listen ${address}:4444`,
    `snd_path ${folder}`,
    `rtp_ports ${firstRtpPort}-${firstRtpPort + PORTS_PER_PHONE - 1}`,
  ];
  writeFileSync(join(folder, 'config'), `${config.join('\n')}\n`);
  writeFileSync(join(folder, 'accounts'), `${options.account ?? accountLine(options)}\n`);
}

function accountLine({
  addressOfRecord,
  password,
  registrar,
  transport,
  answer = 'auto',
}: PhoneOptions): string {
  const registration = registrar
    ? `outbound="sip:${registrar.host}:${registrar.port};transport=${transport}";regint=60;rwait=10`
    : 'regint=0';
  return `<sip:${addressOfRecord};transport=${transport}>;auth_pass=${password};${registration};answermode=${answer};audio_codecs=PCMU/8000/1,PCMA/8000/1`;
}

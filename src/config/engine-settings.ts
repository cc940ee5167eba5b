import { isIP } from 'node:net';
import { z } from 'zod';
import { duration, optional, port, read, text, withDefault } from './setting.js';
import { parseDigestAlgorithms, parseInstances, parsePortRange, parseTrunk } from './values.js';

/** The variables of the switch behind the service, and of its audio. */
export const ENGINE_SETTINGS = {
  ENGINE: withDefault(z.enum(['sip', 'broadworks']), {
    description:
      'The telephone switch behind the service: an own one, at which SIP phones register, or BroadWorks. With broadworks the sandbox is off, and the variables of SIP, ringing, audio, recordings and IMRN mean nothing, SIP_COMMAND_TIMEOUT excepted: all that is the business of the switch.',
    allowed: 'sip or broadworks',
    default: 'sip',
  }),
  BROADWORKS_FILE: optional(text(), {
    description:
      'YAML file of the BroadWorks clusters that the directory names: addresses and credentials. Read at the start.',
    allowed: 'a path of up to 500 characters; required with ENGINE=broadworks',
    default: 'none',
  }),
  SIP_BIND: withDefault(
    read((value) => (isIP(value) > 0 && !/^[0:.]+$/.test(value) ? value : undefined)),
    {
      description:
        'Address of the SIP engine, UDP and TCP. Phones are told it, so they must be able to reach it.',
      allowed: 'one IP address of this machine, not 0.0.0.0 or ::',
      default: '127.0.0.1',
    },
  ),
  SIP_PORT: withDefault(port(), {
    description: 'Port of the SIP engine, UDP and TCP.',
    allowed: 'a port from 0 to 65535, 0 picks a free one',
    default: '5060',
  }),
  SIP_TRUNK: optional(read(parseTrunk), {
    description: 'Where calls to numbers outside the directory go.',
    allowed: 'host[:port][;transport=udp|tcp], such as trunk.example.com:5060;transport=tcp',
    default: 'none: the virtual trunk with the sandbox, otherwise such calls are refused',
  }),
  SIP_DIGEST_ALGORITHMS: withDefault(read(parseDigestAlgorithms), {
    description:
      'Digest algorithms that phones are offered. Only for phones that know RFC 8760 may SHA-256 be among them: older ones, such as baresip 1.0, give up at a challenge that they do not know.',
    allowed: 'MD5, SHA-256 or SHA-256,MD5',
    default: 'MD5',
  }),
  RING_TIMEOUT: withDefault(duration(100, 600_000), {
    description: "How long the user's devices, and then the called party, may ring.",
    allowed: 'a duration from 100ms to 10m, such as 60s',
    default: '60s',
  }),
  TRANSFER_TIMEOUT: withDefault(duration(100, 600_000), {
    description: 'How long the target of a transfer rings before the parties are left as they were.',
    allowed: 'a duration from 100ms to 10m, such as 30s',
    default: '30s',
  }),
  RETRIEVE_TIMEOUT: withDefault(duration(100, 600_000), {
    description: "How long the user's other devices ring to take a call over before it stays where it is.",
    allowed: 'a duration from 100ms to 10m, such as 20s',
    default: '20s',
  }),
  MEDIA: withDefault(z.enum(['relay', 'direct']), {
    description:
      'How audio goes between the parties: through the service, or from phone to phone, where nothing can be recorded.',
    allowed: 'relay or direct',
    default: 'relay',
  }),
  RTP_PORTS: withDefault(read(parsePortRange), {
    description: 'UDP ports of the relay on SIP_BIND: a call takes four.',
    allowed: 'a range of at least four ports between 1024 and 65535, such as 10000-19999',
    default: '10000-19999',
  }),
  RTPENGINE: optional(read(parseInstances), {
    description: 'Instances of rtpengine (ng protocol) that carry the audio instead of the relay.',
    allowed: 'a list with commas of address:port, such as 10.0.0.5:2223,10.0.0.6:2223',
    default: 'none',
  }),
  RTPENGINE_SPOOL: optional(text(), {
    description: 'The recording-dir of the rtpengine instances, as this service sees it.',
    allowed: 'a path of up to 500 characters',
    default: 'none: calls through rtpengine are not recorded',
  }),
  RTPENGINE_LEARN_SOURCES: withDefault(z.enum(['on', 'off']), {
    description:
      'Whether rtpengine may hear a phone that does not send from where its description says, as behind NAT. For three seconds after each description it then passes on what comes from anywhere.',
    allowed: 'on or off',
    default: 'on',
  }),
  RECORDINGS_DIR: optional(text(), {
    description: 'Folder of the recordings, made when missing.',
    allowed: 'a path of up to 500 characters',
    default: 'the folder recordings in DATA_DIR',
  }),
  SIP_COMMAND_TIMEOUT: withDefault(duration(100, 32_000), {
    description:
      'How long a phone has to confirm a hold, a reconnect or another change of its call. With ENGINE=broadworks: how long the answer to a change that the switch has confirmed may wait until it is stored.',
    allowed: 'a duration from 100ms to 32s, such as 5s',
    default: '5s',
  }),
  IMRN_TTL: withDefault(duration(1_000, 600_000), {
    description: 'How long a leased number (IMRN) waits for the mobile call that it is to anchor.',
    allowed: 'a duration from 1s to 10m, such as 30s',
    default: '30s',
  }),
  SESSION_EXPIRES: withDefault(duration(90_000, 86_400_000), {
    description: 'SIP session interval (RFC 4028): a call whose phone is gone ends within it.',
    allowed: 'a duration from 90s to 24h, such as 1800s',
    default: '1800s',
  }),
};

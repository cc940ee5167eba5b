import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, type AppOptions } from './app.js';
import { AppModule } from './app.module.js';
import { CallEngine } from './calls/application/call-engine.js';
import type { Config } from './config/config.js';
import { Directory } from './directory/application/directory.js';
import { SipEngine } from './engines/sip/sip-engine.js';
import { Sandbox } from './sandbox/sandbox.js';

export interface RunningService {
  app: NestFastifyApplication;
  /** `http://host:port` */
  url: string;
  /** Where phones register. */
  sip: { host: string; port: number };
  stop(): Promise<void>;
}

/** Starts the whole service; resolves when it serves and, in the sandbox, its virtual phones are registered. */
export async function startService(config: Config, options: AppOptions = {}): Promise<RunningService> {
  const devices = () => (directory ? virtualDevices(directory) : []);
  const sandbox = config.sandbox ? new Sandbox(config.sipBind, devices) : undefined;
  await sandbox?.start();
  let directory: Directory | undefined;
  const app = await createApp(AppModule.with(config, sandbox?.trunk), options);
  try {
    directory = app.get(Directory, { strict: false });
    await app.listen(config.port, config.host);
    const engine = app.get(CallEngine, { strict: false });
    if (!(engine instanceof SipEngine)) throw new Error('The sandbox needs the SIP engine');
    const sip = engine.address;
    await sandbox?.register(sip);
    const stop = async () => {
      await app.close();
      await sandbox?.stop();
    };
    return { app, url: localUrl(await app.getUrl()), sip, stop };
  } catch (error) {
    await app.close();
    await sandbox?.stop();
    throw error;
  }
}

function virtualDevices(directory: Directory) {
  return [...directory.users()].flatMap((user) => user.devices.filter((device) => device.sandbox !== false));
}

/** An address that a person can paste, where the service listens on all of them. */
function localUrl(url: string): string {
  return url
    .replace('//0.0.0.0', '//127.0.0.1')
    .replace('//[::]', '//127.0.0.1')
    .replace('//[::1]', '//127.0.0.1');
}

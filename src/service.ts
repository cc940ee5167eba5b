import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, type AppOptions } from './app.js';
import { AppModule } from './app.module.js';
import type { Grace } from './calls/application/drain-calls.js';
import { CallEngine } from './calls/application/call-engine.js';
import type { Config } from './config/config.js';
import { Directory } from './directory/application/directory.js';
import { drain } from './drain.js';
import { SipEngine } from './engines/sip/sip-engine.js';
import { type TryOut, tokenCommand } from './http/try-out.js';
import { Sandbox } from './sandbox/sandbox.js';
import { TRUNK_NUMBERS } from './sandbox/virtual-trunk.js';

export interface RunningService {
  app: NestFastifyApplication;
  /** `http://host:port` */
  url: string;
  /** Where phones register; undefined where the switch is another one. */
  sip?: { host: string; port: number };
  /** Calls that run at the end stay in the store. @param grace for running calls to end; default: none */
  stop(grace?: Grace): Promise<void>;
}

export interface ServiceOptions extends AppOptions {
  /** Told of the parts of the service before it starts to work. */
  watchParts?: ((app: NestFastifyApplication) => void)[];
  /** Never rejects. */
  afterStop?: () => Promise<void>;
}

/** Starts the whole service; resolves when it serves and, in the sandbox, its virtual phones are registered. */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<RunningService> {
  const devices = () => (directory ? virtualDevices(directory) : []);
  const sandbox = config.sandbox ? new Sandbox(config.sipBind, devices) : undefined;
  await sandbox?.start();
  let directory: Directory | undefined;
  const { rateLimit, corsOrigins, trustedProxies } = config;
  const http = { rateLimit, corsOrigins, trustedProxies, ...options.http };
  const app = await createApp(AppModule.with(config, sandbox?.trunk), {
    tryOut: tryOut(config),
    ...options,
    http,
  });
  try {
    for (const watch of options.watchParts ?? []) watch(app);
    directory = app.get(Directory, { strict: false });
    await app.listen(config.port, config.host);
    const engine = app.get(CallEngine, { strict: false });
    const sip = engine instanceof SipEngine ? engine.address : undefined;
    if (sip) await sandbox?.register(sip);
    const stop = async (grace?: Grace) => {
      await drain(app, grace);
      await app.close();
      await sandbox?.stop();
      await options.afterStop?.();
    };
    return { app, url: localUrl(await app.getUrl()), ...(sip && { sip }), stop };
  } catch (error) {
    await app.close();
    await sandbox?.stop();
    throw error;
  }
}

/** What the page of the API tells its reader to try. */
export function tryOut(config: Config): TryOut {
  const command = tokenCommand(config);
  const numbers = Object.entries(TRUNK_NUMBERS).map(([number, { does }]) => [number, does]);
  return {
    ...(command !== undefined && { tokenCommand: command }),
    // A real trunk takes the place of the virtual one.
    ...(config.sandbox && !config.sipTrunk && { numbers: Object.fromEntries(numbers) }),
  };
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

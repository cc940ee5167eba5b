import { EngineRefusal } from '../../../../src/calls/application/call-engine.js';
import type { Call } from '../../../../src/calls/domain/call.js';
import { BroadWorksEngine } from '../../../../src/engines/broadworks/broadworks-engine.js';
import type { SeenCall } from '../../../../src/engines/broadworks/xsi/seen-call.js';
import { LeasesInMemory } from '../../../support/channel-leases.js';
import type { LaterKind } from '../../../support/some-calls.js';
import { failure } from '../xsi/support/scripted-switch.js';
import { BAR, directoryOf, FOO, idOf, LONELY, SwitchScene } from './switch-scene.js';

/** The engine before a switch that tells nothing unasked. */
export class OutOfStep {
  private constructor(
    readonly scene: SwitchScene,
    readonly engine: BroadWorksEngine,
  ) {}

  static async open(): Promise<OutOfStep> {
    const scene = await SwitchScene.open();
    const engine = anEngine(scene);
    await engine.start(scene.journal, { calls: [], sessions: [] });
    return new OutOfStep(scene, engine);
  }

  async close(): Promise<void> {
    await this.engine.stop();
    await this.scene.close();
  }

  /** A call of foouser that the switch and the store have. */
  async aCall(given: Partial<SeenCall> = {}, ...later: LaterKind[]): Promise<Call> {
    const { scene } = this;
    const before = later.length > 0 ? later : (['answered'] as const);
    return scene.has(FOO, scene.played.has(idOf(FOO), given), ...before);
  }
}

export function anEngine(scene: SwitchScene): BroadWorksEngine {
  return new BroadWorksEngine(
    { clusters: [scene.played.settings()], commandTimeoutMs: 1_000 },
    directoryOf(FOO, BAR, LONELY),
    scene.store,
    new LeasesInMemory(),
  );
}

/** What a client is told names the cluster at most. */
export async function refusalOf(command: Promise<unknown>): Promise<{ reason: string; message: string }> {
  const error = await failure(command);
  if (!(error instanceof EngineRefusal)) throw new Error(`no refusal but ${String(error)}`);
  expect(error.message).not.toMatch(/127\.0\.0\.1|foo\.example/);
  return { reason: error.reason, message: error.message };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { EngineUnderTest } from '../../support/engine.js';
import { disagreements, leftovers, unsettled } from '../../support/agreement.js';
import { Scene } from '../../support/scene.js';

/**
 * Each flow is run once for every SIP message and every stored step in it and every interruption, which comes with it. Whatever
 * becomes of the flow: what the service has stored and what the phones believe must agree, and a release ends it all.
 */

const AT_ONCE = 12;
const NEVER_ENDS_MS = 60_000;

interface Flow {
  /** What is there before; resolves with what is asked for then. */
  prepare(scene: Scene): Promise<() => Promise<unknown>>;
}

const FLOWS: Record<string, Flow> = {
  'a click-to-dial': {
    prepare:
      async ({ under }) =>
      () =>
        under.dial('5601'),
  },
  'a call from a phone': {
    prepare:
      async ({ foo }) =>
      () =>
        foo.dial('5601'),
  },
  'hold and reconnect': {
    prepare: async (scene) => {
      const callId = await scene.active('5601', 'baruser');
      return async () => {
        await scene.under.engine.hold(scene.under.call(callId));
        await scene.under.engine.reconnect(scene.under.call(callId));
      };
    },
  },
  'a blind transfer': {
    prepare: async (scene) => {
      const callId = await scene.active('5601', 'baruser');
      return () => scene.under.blindTransfer(callId, '5602');
    },
  },
  'a blind transfer of a held call': {
    prepare: async (scene) => {
      const callId = await scene.active('5601', 'baruser');
      await scene.under.engine.hold(scene.under.call(callId));
      await scene.quiet();
      return () => scene.under.blindTransfer(callId, '5602');
    },
  },
  'a blind transfer that is declined': {
    prepare: async (scene) => {
      const callId = await scene.active('5601', 'baruser');
      scene.baz.onInvite = (incoming) => {
        scene.baz.ring(incoming);
        setTimeout(() => incoming.respond(603), 10);
      };
      return () => scene.under.blindTransfer(callId, '5602');
    },
  },
  'a transfer asked for on the phone': {
    prepare: async (scene) => {
      await scene.active('5601', 'baruser');
      const headers = { 'refer-to': ['<sip:5602@sip.example.test>'] };
      return () => scene.foo.sendInDialog('REFER', undefined, { headers });
    },
  },
  'a deflection': {
    prepare: async ({ under, foo, bar }) => {
      foo.onInvite = (incoming) => foo.ring(incoming);
      void bar.dial('5600');
      const { callId } = await under.userReaches('foouser', 'Alerting');
      return () => under.blindTransfer(callId, '5602');
    },
  },
  'a consultative transfer': {
    prepare: async (scene) => {
      const held = await scene.active('5601', 'baruser');
      await scene.under.engine.hold(scene.under.call(held));
      const consulted = await scene.active('5602', 'bazuser');
      return () => scene.under.consultativeTransfer(held, consulted);
    },
  },
  'a consultative transfer to a party that rings': {
    prepare: async (scene) => {
      const held = await scene.active('5601', 'baruser');
      await scene.under.engine.hold(scene.under.call(held));
      await scene.quiet();
      scene.baz.onInvite = (incoming) => {
        scene.baz.ring(incoming);
        setTimeout(() => scene.baz.answer(incoming), 100);
      };
      return async () => {
        const consulted = await scene.under.dial('5602');
        await scene.under.reaches(consulted, 'Answered');
        await scene.under.consultativeTransfer(held, consulted);
      };
    },
  },
  'a retrieve': {
    prepare: async (scene) => {
      const callId = await scene.active('5601', 'baruser');
      await scene.addMobile();
      return () => scene.under.retrieve(callId);
    },
  },
  'a recording that is paused and stopped': {
    prepare: async (scene) => {
      const callId = await scene.active('5601', 'baruser');
      return async () => {
        const { engine } = scene.under;
        await engine.startRecording(scene.under.call(callId));
        await engine.hold(scene.under.call(callId));
        await engine.pauseRecording(scene.under.call(callId));
        await engine.reconnect(scene.under.call(callId));
        await engine.resumeRecording(scene.under.call(callId));
        await engine.stopRecording(scene.under.call(callId));
      };
    },
  },
  'an anchored call': {
    prepare: async ({ under, bar }) => {
      const anchored = { user: under.user('foouser'), destination: under.destination('5602') };
      under.anchors.leases.set('+3212345690', anchored);
      return () => bar.dial('+3212345690');
    },
  },
  'a retrieve of a held call': {
    prepare: async (scene) => {
      const callId = await scene.active('5601', 'baruser');
      await scene.under.engine.hold(scene.under.call(callId));
      await scene.addMobile();
      await scene.quiet();
      return () => scene.under.retrieve(callId);
    },
  },
};

const INTERRUPTIONS: Record<string, (scene: Scene) => unknown> = {
  'the user hangs up the phone': ({ foo }) => foo.hangUp(),
  'the far end hangs up': ({ bar }) => bar.hangUp(),
  'the target hangs up': ({ baz, mobile }) => (mobile ?? baz).hangUp(),
  'the user releases all calls': ({ under }) => releaseAll(under, 'foouser'),
  'the service is killed': ({ under }) => under.killAndRestart(),
};

async function releaseAll(under: EngineUnderTest, userId?: string): Promise<void> {
  const ongoing = [...under.recorder.calls.values()].filter(
    ({ state, owner }) => state !== 'Released' && (userId === undefined || owner.userId === userId),
  );
  await Promise.all(ongoing.map((call) => under.engine.release(call).catch(() => undefined)));
}

/** Counts the messages and steps of the undisturbed flow. */
async function lengthOf(flow: Flow): Promise<number> {
  const scene = new Scene();
  try {
    await scene.start();
    const act = await flow.prepare(scene);
    scene.happened = 0;
    await act().catch(() => undefined);
    await scene.quiet();
    return scene.happened;
  } finally {
    await scene.stop();
  }
}

/** Runs the flow and interrupts it with the event of that number. @returns what is wrong afterwards */
async function disturbed(flow: Flow, interrupt: (scene: Scene) => unknown, at: number): Promise<string[]> {
  const scene = new Scene();
  const never = delay(NEVER_ENDS_MS, undefined, { ref: false }).then(() => [
    `at event ${at}: it never ends, after ${scene.lastEvents.join(', ')}`,
  ]);
  return Promise.race([run(scene, flow, interrupt, at), never]);
}

async function run(
  scene: Scene,
  flow: Flow,
  interrupt: (scene: Scene) => unknown,
  at: number,
): Promise<string[]> {
  try {
    await scene.start();
    const act = await flow.prepare(scene);
    scene.happened = 0;
    let interrupted: Promise<unknown> | undefined;
    scene.onEvent = (count) => {
      if (count !== at) return;
      interrupted = new Promise((resolve) => {
        setImmediate(resolve);
      }).then(() => interrupt(scene));
    };
    void Promise.resolve(act()).catch(() => undefined);
    await settled(scene);
    await interrupted;
    await settled(scene);
    // A flow that was shorter this time is not to be interrupted in what comes after it.
    scene.onEvent = () => undefined;
    const wrong = disagreements(scene);
    await releaseAll(scene.under);
    await settled(scene);
    return [...wrong, ...leftovers(scene)].map((what) => `at event ${at}: ${what}`);
  } finally {
    await scene.stop();
  }
}

/** Calls that ring are over after their time: it is waited for. */
async function settled(scene: Scene): Promise<void> {
  const deadline = performance.now() + 4_000;
  do await scene.quiet();
  while (unsettled(scene) && performance.now() < deadline);
}

describe.each(Object.keys(FLOWS))('%s', (name) => {
  const flow = FLOWS[name] as Flow;
  let length = 0;

  beforeAll(async () => {
    length = await lengthOf(flow);
    expect(length).toBeGreaterThan(3);
  }, 30_000);

  it.each(Object.keys(INTERRUPTIONS))(
    'leaves no half call behind, at whichever event %s',
    async (interruption) => {
      const wrong: string[] = [];
      const points = Array.from({ length }, (_, index) => index + 1);
      const worker = async () => {
        for (let at = points.shift(); at !== undefined; at = points.shift()) {
          const interrupt = INTERRUPTIONS[interruption] as (scene: Scene) => unknown;
          wrong.push(...(await disturbed(flow, interrupt, at)));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      expect(wrong).toEqual([]);
    },
    120_000,
  );
});

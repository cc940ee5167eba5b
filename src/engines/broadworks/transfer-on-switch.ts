import { type Destination, EngineRefusal } from '../../calls/application/call-engine.js';
import type { Call } from '../../calls/domain/call.js';
import type { AskSwitch } from './ask-switch.js';

/** The switch may wait with its answer while somebody rings. Milliseconds. */
const RINGS_WITHIN_MS = 60_000;

export class TransferOnSwitch {
  /** Ids of calls in a consultative transfer under way. */
  private readonly consulting = new Set<string>();

  constructor(private readonly switches: AskSwitch) {}

  /** @throws EngineRefusal */
  async blindTransfer(call: Call, { address }: Destination): Promise<void> {
    await this.switches.change(
      call,
      { refused: 'transferFailed' },
      (actions, userId) => actions.blindTransfer(userId, call.callId, address, RINGS_WITHIN_MS),
      () => false,
    );
  }

  /**
   * A second one meanwhile is refused here only where this process has asked for the first: the switch gives no reason.
   * @throws EngineRefusal
   */
  async consultativeTransfer(call: Call, consulted: Call): Promise<void> {
    const ids = [call.callId, consulted.callId];
    if (ids.some((id) => this.consulting.has(id))) throw new EngineRefusal('consultationInProgress');
    for (const id of ids) this.consulting.add(id);
    try {
      await this.switches.change(
        call,
        { refused: 'transferFailed' },
        (actions, userId) =>
          actions.consultativeTransfer(userId, call.callId, consulted.callId, RINGS_WITHIN_MS),
        () => false,
      );
      await this.switches.untilEnded(consulted);
    } finally {
      for (const id of ids) this.consulting.delete(id);
    }
  }
}

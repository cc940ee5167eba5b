import type { ServerResponse } from 'node:http';
import { after } from '../after.ts';
import type { Faults } from '../faults.ts';

const LATE_MS = 300;
/** So long an event waits for the next one to go before it. */
const REORDER_MS = 100;

/** The open answer of a channel, with whatever goes wrong on the way. */
export class Stream {
  private readonly response: ServerResponse;
  private readonly faults: Faults;
  /** Pieces that are still to be written; as long as there are some, all others wait behind them. */
  private pieces: Buffer[] = [];
  private heldBack: string | undefined;

  constructor(response: ServerResponse, faults: Faults) {
    this.response = response;
    this.faults = faults;
  }

  /** What faults leave alone. */
  write(document: string): void {
    this.bytes(Buffer.from(document), false);
  }

  event(document: string): void {
    if (this.faults.strikes('dropped')) return;
    if (this.faults.strikes('cutChannel')) return this.breakOff(document);
    if (this.faults.strikes('late')) return void after(LATE_MS, () => this.out(document));
    if (this.heldBack === undefined && this.faults.strikes('reordered')) {
      this.heldBack = document;
      after(REORDER_MS, () => this.releaseHeldBack());
      return;
    }
    this.out(document);
    this.releaseHeldBack();
  }

  /** The connection breaks. */
  cut(): void {
    this.response.destroy();
  }

  end(): void {
    this.response.end();
  }

  private releaseHeldBack(): void {
    const document = this.heldBack;
    this.heldBack = undefined;
    if (document !== undefined) this.out(document);
  }

  private out(document: string): void {
    const split = this.faults.strikes('splitChunks');
    const bytes = Buffer.from(document);
    this.bytes(bytes, split);
    if (this.faults.strikes('doubled')) this.bytes(bytes, split);
  }

  private breakOff(document: string): void {
    const bytes = Buffer.from(document);
    this.response.write(bytes.subarray(0, bytes.length / 2), () => this.cut());
  }

  private bytes(bytes: Buffer, split: boolean): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    if (!split && this.pieces.length === 0) return void this.response.write(bytes);
    const idle = this.pieces.length === 0;
    const step = split ? 1 + Math.floor(Math.random() * 97) : bytes.length;
    for (let at = 0; at < bytes.length; at += step) this.pieces.push(bytes.subarray(at, at + step));
    if (idle) this.nextPiece();
  }

  private nextPiece(): void {
    const [piece] = this.pieces;
    if (!piece || this.response.destroyed || this.response.writableEnded) return;
    this.response.write(piece, () => {
      this.pieces.shift();
      this.nextPiece();
    });
  }
}

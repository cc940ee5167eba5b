import type { Figure } from '../support/report.ts';

/** From here on a run is long enough for what a process takes in its first minutes not to count. */
export const LONG_RUN_MS = 10 * 60_000;

export interface SoakFigure extends Figure {
  /** Of the time that things take: a neighbour on the machine can spoil it. */
  timing?: true;
}

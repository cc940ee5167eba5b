import { eventually } from '../../../support/wait.js';

/** @throws Error with the complaint when it does not come true */
export async function expectSoon(holds: () => boolean, complaint: string): Promise<void> {
  await eventually(
    () => holds() || undefined,
    () => complaint,
    5,
  );
}

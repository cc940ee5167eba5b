/** A process of the bench answers questions of its parent over the IPC channel, and ends with it. */
export type Answers = Record<string, (argument: never) => unknown>;

interface Question {
  id: number;
  ask: string;
  argument: never;
}

export function answer(answers: Answers): void {
  process.on('message', async ({ id, ask, argument }: Question) => {
    const handler = answers[ask];
    if (!handler) return;
    try {
      process.send?.({ id, value: await handler(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  });
}

process.once('disconnect', () => process.exit());

/** A task that never runs twice at once: whoever asks for it meanwhile shares a run. */
export class OneAtATime {
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(private readonly task: () => Promise<void>) {}

  get busy(): boolean {
    return this.running !== undefined;
  }

  /** The run under way, else one that begins now. */
  join(): Promise<void> {
    return this.running ?? this.begin();
  }

  /** A run that begins from now on: what is known now is old news to it. */
  fresh(): Promise<void> {
    if (!this.running) return this.begin();
    this.next ??= this.running.then(
      () => this.begin(),
      () => this.begin(),
    );
    return this.next;
  }

  private begin(): Promise<void> {
    this.next = undefined;
    const run = this.task().finally(() => {
      this.running = undefined;
    });
    this.running = run;
    return run;
  }
}

/** A line of JSON for the eyes of a person at a terminal. */
export function textLine(json: string): string {
  const { time, level, context, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const more = Object.entries(rest).map(([name, value]) => ` ${name}=${plain(value)}`);
  const head = `${plain(time).slice(11, 23)} ${plain(level).toUpperCase().padEnd(5)} ${context === undefined ? '' : `[${plain(context)}] `}`;
  return `${head}${plain(msg)}${more.join('')}\n${stackOf(err)}`;
}

function stackOf(err: unknown): string {
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? err.stack : undefined;
  return typeof stack === 'string' ? `${plain(stack)}\n` : '';
}

/** What steers a terminal is not for those who write to a log. */
function plain(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '?');
}

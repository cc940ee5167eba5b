import type { OpenAPIObject } from '@nestjs/swagger';
import type { Config } from '../config/config.js';

/** What a reader of the page can use here; what is absent is not spoken of. */
export interface TryOut {
  /** Prints a token, in the folder of the service. */
  tokenCommand?: string;
  /** Numbers of the virtual trunk, with what each does. */
  numbers?: Record<string, string>;
}

/** The line that prints a token of the service's own key; undefined where tokens come from an issuer. */
export function tokenCommand({ jwksUrl, directoryFile, dataDir }: Config): string | undefined {
  if (jwksUrl) return undefined;
  const [tenant, group, user] =
    directoryFile === undefined ? ['foo', 'foogroup', 'foouser'] : ['TENANT', 'GROUP', 'USER'];
  const data = dataDir === './data' ? '' : `DATA_DIR=${dataDir} `;
  return `${data}npm run -s token -- --tenant ${tenant} --group ${group} --user ${user}`;
}

/** The introduction of the page, in Markdown. */
export function introduction({ tokenCommand: command, numbers }: TryOut): string {
  return [
    `Call control on real phones: place, look at, hold, reconnect, transfer, record, retrieve and release the calls of a
user, and anchor those that the user makes on a mobile phone.`,
    firstCall(command),
    STATES,
    ...(numbers ? [sandbox(numbers)] : []),
    REFUSALS,
  ].join('\n\n');
}

/** An example body for each number of the sandbox, in place of one that is made up. */
export function offerNumbers(document: OpenAPIObject, numbers: Record<string, string> = {}): void {
  const offered = Object.entries(numbers).map(([phoneNumber, does]) => [
    phoneNumber,
    { summary: `${phoneNumber}: ${does}`, value: { phoneNumber } },
  ]);
  if (offered.length === 0) return;
  for (const { post } of Object.values(document.paths)) {
    if (post?.operationId !== 'callPhoneNumber' || !post.requestBody || '$ref' in post.requestBody) continue;
    for (const content of Object.values(post.requestBody.content)) {
      const { number: _, ...others } = content.examples ?? {};
      content.examples = { ...Object.fromEntries(offered), ...others };
    }
  }
}

const firstCall = (command: string | undefined) => `### A first call

${
  command === undefined
    ? '1. Get a token from the issuer that the operator of this service names.'
    : `1. Print a token, in the folder of the service:

   \`\`\`
   ${command}
   \`\`\``
}
2. Press **Authorize**, paste the token, press *Authorize* in the dialog and *Close*. The browser keeps the token over a reload.
3. Open *Call phone number*, press *Try it out* and *Execute*: the answer is 201, with a \`callId\`.
4. Paste that \`callId\` where an operation asks for one: look at the call, hold it, release it.`;

const STATES = `### The states of a call

<a href="./call-states.svg"><img src="./call-states.svg" alt="Alerting, Answered, Active, Held, Remote Held, Both Held, Detached, Released, and what leads from one to another"></a><br>*Both Held* is \`Held\` in answers.`;

const sandbox = (numbers: Record<string, string>) => `### Numbers of the sandbox

Phones and the world outside are played here, over real SIP. A user's devices answer after 200 ms; the numbers outside:

| number | what it does |
| --- | --- |
${Object.entries(numbers)
  .map(([number, does]) => `| ${number} | ${does} |`)
  .join('\n')}`;

const REFUSALS = `### Refusals

Every refusal is \`application/problem+json\` (RFC 9457), with a \`type\` of its own; those with code 59 carry the texts of
the reference as \`detail\`. Each operation lists its own, with what brings it about; *as baruser* means a token for \`--user baruser\`, and \`baruser\` as
\`userId\`. Paths end with or without a slash.`;

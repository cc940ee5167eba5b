import { existsSync, readFileSync } from 'node:fs';
import { ENDPOINTS, REFUSED_HOLD, TEXTS } from './contract.js';
import { REFERENCE_REQUESTS } from './reference-requests.js';

const CONTRACT = '../shared/CONTRACT.md';
const REFERENCE = '../shared/seed/call-service.txt';

/** The page, or undefined in a clone that has the repository alone, which is said aloud. @throws Error in CI, which has it */
function page(path: string): string | undefined {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  if (process.env.CI) throw new Error(`${path} is not here, so nothing can be compared`);
  process.stderr.write(`\n*** NOT COMPARED: ${path} is not here. The copy in the tests stands alone. ***\n`);
  return undefined;
}

/** Rows of the table of endpoints: its cells as plain text. */
function endpointsOf(contract: string) {
  const rows = contract.split('\n').filter((line) => /^\| \d+ \|/.test(line));
  return Object.fromEntries(
    rows.map((row) => {
      const [, , name = '', , success = '', refusals = ''] = row
        .split('|')
        .map((cell) => cell.replaceAll('`', '').trim());
      return [name, { success, refusals: refusals.split(' · ') }];
    }),
  );
}

function textsOf(contract: string): string[] {
  const line = contract.split('\n').find((each) => each.startsWith('"The endpoint state'));
  return [...(line ?? '').matchAll(/"([^"]+)"/g)].flatMap(([, text]) => text ?? []);
}

/** What the reference page prints of a request, in one line. */
function requestsOf(reference: string): string[] {
  return [...reference.matchAll(/^[A-Z]+ \/api\S+ HTTP\/1\.1 Host: .*$/gm)].map(([line]) => line);
}

const inOneLine = (text: string) => text.replaceAll(/\s+/g, ' ');

describe('the copy of the contract in these tests is the contract', () => {
  const contract = page(CONTRACT);
  const reference = page(REFERENCE);

  it('in its table of endpoints', () => {
    if (contract) expect(endpointsOf(contract)).toEqual(ENDPOINTS);
    expect(Object.keys(ENDPOINTS)).toHaveLength(7);
  });

  it('in the texts of code 59', () => {
    if (contract) expect(textsOf(contract)).toEqual(TEXTS);
    expect(TEXTS).toHaveLength(11);
  });

  it('in its example of a refusal', () => {
    const [, example] = /```json\n(.*?)```/s.exec(contract ?? '') ?? [];
    if (contract) expect(JSON.parse(example ?? '')).toEqual(REFUSED_HOLD);
    expect(TEXTS).toContain(REFUSED_HOLD.detail);
  });

  it('in the example requests of the reference page', () => {
    const copied = REFERENCE_REQUESTS.map(({ request }) => inOneLine(request));
    if (reference) expect(requestsOf(reference)).toEqual(copied);
    expect(copied).toHaveLength(15);
  });
});

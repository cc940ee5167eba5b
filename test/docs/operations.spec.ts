import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { comparable } from './ladder.js';
import { playPage } from './operation-page.js';
import { ELSEWHERE } from './operations/elsewhere.js';
import { HOLD } from './operations/hold.js';
import { RECORDING } from './operations/recording.js';
import { SET_UP } from './operations/set-up.js';
import { TRANSFERS } from './operations/transfers.js';

const FOLDER = 'docs/operations';
const PAGES = [...SET_UP, ...HOLD, ...TRANSFERS, ...ELSEWHERE, ...RECORDING];

describe('the pages of the operations', () => {
  it.each(PAGES)(
    '$name.md shows what happens in a run of today',
    async (page) => {
      const path = `${FOLDER}/${page.name}.md`;
      const text = await playPage(page);
      const isStale = !existsSync(path) || comparable(readFileSync(path, 'utf8')) !== comparable(text);
      if (process.env.UPDATE_DOCS && isStale) {
        mkdirSync(FOLDER, { recursive: true });
        writeFileSync(path, text);
      }
      expect(comparable(readFileSync(path, 'utf8'))).toBe(comparable(text));
    },
    60_000,
  );

  it('are all there are', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(PAGES.map(({ name }) => `${name}.md`).toSorted());
  });
});

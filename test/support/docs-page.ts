import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { requireDebian } from './debian.js';

const CHROMIUM = '/usr/bin/chromium';
/** Where a person can look at what the test saw. */
const SCREENSHOTS = join(tmpdir(), 'call-service-docs');

/** As strict as a policy can be that lets a page load its own files. */
const STRICT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";

export function openBrowser(): Promise<Browser> {
  requireDebian(CHROMIUM, 'chromium');
  // Debian's sandbox needs rights that a container does not give.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** The page of the API, as somebody uses it who reads what is on it. */
export class DocsPage {
  /** What should not be: errors in the console, requests to others. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly page: Page,
    private readonly url: string,
  ) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => {
      const { host, protocol } = new URL(request.url());
      if (protocol !== 'data:' && host !== new URL(url).host) this.complaints.push(request.url());
    });
  }

  static async open(browser: Browser, url: string, width: number): Promise<DocsPage> {
    const docs = new DocsPage(await browser.newPage({ viewport: { width, height: 900 } }), url);
    await docs.load();
    return docs;
  }

  /** Under a strict policy, whatever the service itself sends. */
  private async load(): Promise<void> {
    await this.page.route('**/docs/', async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), 'content-security-policy': STRICT_POLICY };
      await route.fulfill({ response, headers });
    });
    await this.page.goto(`${this.url}/docs/`);
    await this.page.locator('.opblock').first().waitFor();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.opblock.is-open').waitFor();
  }

  close(): Promise<void> {
    return this.page.close();
  }

  async authorize(token: string): Promise<void> {
    await this.page.locator('.btn.authorize').click();
    const dialog = this.page.locator('.modal-ux');
    await dialog.locator('input').fill(token);
    await dialog.locator('button[type=submit]').click();
    await dialog.locator('.btn-done').click();
  }

  async isAuthorized(): Promise<boolean> {
    return (await this.page.locator('.btn.authorize.locked').count()) === 1;
  }

  operation(operationId: string): DocsOperation {
    return new DocsOperation(this.page.locator(`#operations-Call_Service-${operationId}`));
  }

  /** In their order, by the headings. */
  headings(): Promise<string[]> {
    return this.page.locator('.opblock-summary-description').allInnerTexts();
  }

  openOperations(): Promise<string[]> {
    return this.page.locator('.opblock.is-open .opblock-summary-description').allInnerTexts();
  }

  introduction(): Promise<string> {
    return this.page.locator('.info').innerText();
  }

  /** Of the picture of the states, as it is shown, in CSS pixels; undefined where it is not loaded. */
  async pictureWidth(): Promise<number | undefined> {
    const picture = this.page.locator('.info img');
    await picture.scrollIntoViewIfNeeded();
    const loaded = await this.page.evaluate<boolean>(
      "document.querySelector('.info img').decode().then(() => true, () => false)",
    );
    return loaded ? (await picture.boundingBox())?.width : undefined;
  }

  /** What sticks out of the window at its right, and is not in a part that scrolls by itself. */
  overflowing(): Promise<string[]> {
    return this.page.evaluate(`[...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().width > 0)
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
      .filter((element) => {
        for (let around = element.parentElement; around && around !== document.body; around = around.parentElement)
          if (getComputedStyle(around).overflowX !== 'visible') return false;
        return true;
      })
      .map((element) => element.tagName + '.' + element.className)`);
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }
}

export interface Shown {
  status: string;
  body: Record<string, unknown>;
}

class DocsOperation {
  constructor(private readonly box: Locator) {}

  async expand(): Promise<void> {
    await this.box.locator('.opblock-summary-control').click();
    await this.box.locator('.responses-inner').waitFor();
  }

  async tryItOut(): Promise<this> {
    await this.expand();
    await this.box.locator('.try-out__btn').click();
    await this.box.locator('.btn.execute').waitFor();
    return this;
  }

  async fill(parameter: string, value: string): Promise<void> {
    const field = this.box.locator(`tr[data-param-name="${parameter}"] input`);
    await field.fill(value);
    // Swagger UI takes what is typed a moment later.
    await field.blur();
  }

  value(parameter: string): Promise<string> {
    return this.box.locator(`tr[data-param-name="${parameter}"] input`).inputValue();
  }

  body(): Promise<string> {
    return this.box.locator('.opblock-section-request-body textarea').inputValue();
  }

  /** Presses the button. @returns what the page shows of the answer */
  async execute(): Promise<Shown> {
    const page = this.box.page();
    const answered = page.waitForResponse((response) => response.url().includes('/api/v1/'));
    await this.box.locator('.btn.execute').click();
    const expected = String((await answered).status());
    const live = this.box.locator('.live-responses-table');
    await live.locator('tbody .response-col_status', { hasText: expected }).waitFor();
    await this.box.locator('.btn.execute:not(.loading)').waitFor();
    const text = await live.locator('tbody .response-col_description pre').first().innerText();
    return {
      status: (await live.locator('tbody .response-col_status').innerText()).trim(),
      body: JSON.parse(text) as Record<string, unknown>,
    };
  }
}

/* The pages in a real browser: Chromium, driven by playwright-core. */

import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assert, ck } from '../check.mjs';
import { services, test_max, wait_max } from '../stack.mjs';
import { code_of } from './second_factor.mjs';

const chromium_path = process.env.CHROMIUM ?? '/usr/bin/chromium';

export default function pages(the) {
  const skip = fs.existsSync(chromium_path) ? false : `${chromium_path} is missing: apt-get install chromium`;

  describe('in a browser', { skip }, () => {
    let browser;

    before(async () => {
      const { chromium } = await import('playwright-core');
      browser = await chromium.launch({
        executablePath: chromium_path, timeout: wait_max,
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
      });
    });
    after(() => browser?.close());

    /* A page that notes what it asked for elsewhere and what it complained about. */
    async function open(path, options = {}) {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(wait_max);
      const page = await context.newPage();
      const elsewhere = [];
      const complaints = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(`${the.stack.gateway.url}/`) && !request.url().startsWith('data:')) elsewhere.push(request.url());
      });
      page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text()); });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(the.stack.gateway.url + path, { waitUntil: 'networkidle' });
      return { page, elsewhere, complaints, close: () => context.close() };
    }

    test('the landing page shows the services and the live numbers', { skip, timeout: test_max }, async () => {
      const { page, elsewhere, complaints, close } = await open('/');
      assert.deepEqual(await page.locator('.cards h3').allTextContents(), services);
      await page.locator('#numbers').waitFor({ state: 'visible' });
      assert.equal(await page.locator('.numbers dd').count(), 4);
      assert.deepEqual(elsewhere, []);
      assert.deepEqual(complaints, []);
      await close();
    });

    test('the landing page can be read without JavaScript', { skip, timeout: test_max }, async () => {
      const { page, close } = await open('/', { javaScriptEnabled: false });
      assert.equal(await page.locator('.cards h3').count(), services.length);
      assert.ok(await page.getByRole('link', { name: 'Try the API' }).isVisible());
      const operation = page.getByRole('link', { name: 'GET /api/v1/tumours/{tumour_id}', exact: true });
      assert.equal(await operation.isVisible(), false);
      await page.locator('summary', { hasText: '/api/v1/tumours' }).click();
      assert.ok(await operation.isVisible());
      await close();
    });

    test('the landing page fits a narrow screen, and leads to an operation', { skip, timeout: test_max }, async () => {
      const { page, complaints, close } = await open('/', { viewport: { width: 360, height: 700 } });
      for (const summary of await page.locator('.cards summary').all()) await summary.click();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
      await page.getByRole('link', { name: 'GET /.well-known/jwks.json' }).click();
      const opened = page.locator('.opblock.is-open');
      await opened.waitFor();
      assert.equal(await opened.locator('[data-path]').getAttribute('data-path'), '/.well-known/jwks.json');
      assert.deepEqual(complaints, []);
      await close();
    });

    test('the API page shows every operation, logs in and tries one out', { skip, timeout: test_max }, async () => {
      const { page, elsewhere, complaints, close } = await open('/docs');
      await page.locator('.opblock').first().waitFor();
      const document = await page.evaluate(async () => (await fetch('/openapi.json')).json());
      const operations = Object.values(document.paths).flatMap((item) => Object.keys(item).filter((key) => /^(get|put|post|delete|patch)$/.test(key)));
      assert.equal(await page.locator('.opblock').count(), operations.length);

      await page.getByLabel('Name').first().fill('Dr. Ada Neuro');
      await page.getByLabel('Password').first().fill('wrong');
      await page.locator('#login button').click();
      await page.locator('.said.bad').waitFor();
      await page.getByLabel('Password').first().fill(the.password);
      await page.locator('#login button').click();
      await page.locator('#logout').waitFor({ state: 'visible' });
      assert.match(await page.locator('#who').textContent(), /Dr\. Ada Neuro, neurologist/);

      const me = page.locator('.opblock', { has: page.locator('[data-path="/api/v1/auth/me"]') });
      await me.locator('.opblock-summary').click();
      await me.locator('button.execute').click();
      await me.locator('.live-responses-table .response-col_status').first().waitFor();
      assert.match(await me.locator('.live-responses-table').innerText(), /200[\s\S]*Dr\. Ada Neuro/);
      assert.match(await me.locator('.curl-command').innerText(), /Authorization: Bearer ey/);

      await page.locator('#logout button').click();
      await page.locator('#login').waitFor({ state: 'visible' });
      assert.deepEqual(elsewhere, []);
      assert.deepEqual(complaints.filter((text) => !/401/.test(text)), []);
      await close();
    });

    test('the API page asks for the code of a second factor, and only where there is one', { skip, timeout: test_max }, async () => {
      const name = `Paco Page ${randomUUID().slice(0, 8)}`;
      const password = 'seven folded maps';
      ck(await the.anyone.post('/api/v1/users', { name, status: 'caregiver', password }), 201);
      const paco = await the.anyone.login(name, password);
      const { secret } = ck(await paco.post('/api/v1/auth/second-factor', { password }), 200);
      const { recovery_codes: [code] } = ck(await paco.post('/api/v1/auth/second-factor/confirm', { code: code_of(secret) }), 200);

      const { page, close } = await open('/docs');
      await page.getByLabel('Name').first().fill(name);
      await page.getByLabel('Password').first().fill(password);
      assert.equal(await page.locator('#second-factor').isVisible(), false);
      await page.locator('#login button').click();
      await page.locator('#second-factor').waitFor({ state: 'visible' });
      await page.locator('#code').fill(code);
      await page.locator('#login button').click();
      await page.locator('#logout').waitFor({ state: 'visible' });
      assert.equal(await page.locator('#password').inputValue(), '');
      await close();
    });
  });
}

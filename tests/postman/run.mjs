import * as fs from 'node:fs';
import * as path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Client } from '../e2e/client.mjs';
import { services, Stack, wait_max } from '../e2e/stack.mjs';

const newman = createRequire(import.meta.url)('newman');
const here = path.dirname(fileURLToPath(import.meta.url));
const read = (name) => JSON.parse(fs.readFileSync(path.join(here, name), 'utf8'));

/* Requests of the collection, folders opened. */
function requests(items) {
  return items.flatMap((item) => (item.item ? requests(item.item) : [item]));
}

/* Operations of the document that no request of the collection calls. */
function uncovered(document, collection) {
  const called = requests(collection.item).map(({ request }) => {
    const [url] = request.url.replace('{{base_url}}', '').split('?');
    return { method: request.method, parts: url.replace(/(.)\/$/, '$1').split('/') };
  });
  const calls = (method, template) => {
    const parts = template.replace(/(.)\/$/, '$1').split('/');
    return called.some((c) => c.method === method && c.parts.length === parts.length &&
      parts.every((part, i) => part === c.parts[i] || part.startsWith('{')));
  };
  const missing = [];
  for (const [template, item] of Object.entries(document.paths))
    for (const method of Object.keys(item).filter((key) => /^(get|put|post|patch|delete)$/.test(key)))
      if (!calls(method.toUpperCase(), template)) missing.push(`${method.toUpperCase()} ${template}`);
  return missing;
}

function run_collection(collection, environment, variables) {
  return new Promise((done, fail) => {
    newman.run({
      collection, environment, color: 'off', timeoutRequest: wait_max,
      envVar: Object.entries(variables).map(([key, value]) => ({ key, value })),
    }, (error, summary) => (error ? fail(error) : done(summary)));
  });
}

let passed = 0;
let failed = 0;

function count(good, sentence) {
  if (good) passed++;
  else failed++;
  if (!good || !sentence.startsWith('  ')) console.log(`${good ? 'ok   ' : 'FAIL '} ${sentence}`);
}

const superuser_password = 'seven quiet harbour lamps';
const stack = new Stack();
try {
  await stack.start();
  stack.create_superuser('Sabine Super', superuser_password);
  const collection = read('mnemos.postman_collection.json');
  const { json: document } = await new Client(stack.gateway.url).get('/openapi.json');
  const missing = uncovered(document, collection);
  count(missing.length === 0, missing.length ? `operations without a request in the collection: ${missing.join(', ')}` : 'the collection covers every operation');

  const summary = await run_collection(collection, read('mnemos.postman_environment.json'), {
    base_url: stack.gateway.url, password: stack.password, admin_name: 'Sabine Super', admin_password: superuser_password,
    services: services.join(' '),
  });
  for (const { item, response, assertions, requestError } of summary.run.executions) {
    const wrong = (assertions ?? []).filter((a) => a.error);
    if (requestError) count(false, `${item.name}: ${requestError.message}`);
    for (const a of assertions ?? []) count(!a.error, a.error ? `${item.name}: ${a.assertion}: ${a.error.message}` : `  ${a.assertion}`);
    if (wrong.length) console.log(`      ${response?.code} ${response?.stream?.toString().slice(0, 400)}`);
    else if (!requestError) console.log(`ok    ${item.request.method} ${item.name} (${response.responseTime} ms, ${assertions.length} assertions)`);
  }
  for (const failure of summary.run.failures.filter((f) => !f.at?.startsWith('assertion'))) count(false, `${failure.source?.name}: ${failure.error.message}`);
} catch (problem) {
  failed++;
  console.log(`FAIL  ${problem.stack}`);
} finally {
  await stack.stop().catch((problem) => console.log(problem.message));
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

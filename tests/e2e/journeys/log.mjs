/* What may not be in a log: names, passwords, tokens, query strings. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { assert, hidden_word } from '../check.mjs';
import { services, until } from '../stack.mjs';

const hidden = [hidden_word, 'Paula', 'paula', 'Carl', 'Neuro', 'Slash', '?', '%20', 'Bearer', 'eyJ', 'mnemos_session', 'long-enough'];

export default function log(the) {
  test("the gateway's access log has JSON lines with a route and nothing about people", () => {
    const text = fs.readFileSync(the.stack.gateway.access_log, 'utf8');
    const lines = text.trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(lines.length > 200);
    for (const line of lines) {
      assert.match(line.request_id, /^[0-9a-f]{32}$/);
      assert.match(line.route, /^(\(unknown\)|\/[a-z0-9_\-./]*)$/);
    }
    assert.ok(lines.some((line) => line.route === '/get_user_by_name' && line.status === 200));
    for (const word of [...hidden, the.password]) assert.ok(!text.includes(word), `the access log holds '${word}'`);
  });

  test("the gateway's error log tells nothing about people either", () => {
    const text = fs.readFileSync(the.stack.gateway.error_log, 'utf8');
    for (const word of [...hidden, the.password]) assert.ok(!text.includes(word), `the error log holds '${word}'`);
  });

  test("the services' logs are JSON lines without names, tokens and query strings", () => {
    for (const name of services) {
      const text = fs.readFileSync(path.join(the.stack.work, `${name}.log`), 'utf8');
      assert.ok(text.length > 0, `${name} logs nothing`);
      for (const line of text.trim().split('\n')) assert.doesNotThrow(() => JSON.parse(line), `${name}: ${line}`);
      for (const word of [...hidden, the.password]) assert.ok(!text.includes(word), `the log of ${name} holds '${word}'`);
    }
  });

  test('a request is found by its id in the log of the gateway and of the service', async () => {
    const reply = await the.neurologist.get('/count_over/12', { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    const id = reply.headers['x-request-id'];
    for (const log of [the.stack.gateway.access_log, path.join(the.stack.work, 'analytics.log')]) {
      let line;
      await until(`${log} has a line with the id`, () => (line = fs.readFileSync(log, 'utf8').split('\n').find((text) => text.includes(id))));
      assert.match(line, /0af7651916cd43dd8448eb211c80319c/);
    }
  });
}

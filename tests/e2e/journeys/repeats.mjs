/* Creating requests that are sent again because nobody heard the answer. */

import { randomUUID } from 'node:crypto';
import * as net from 'node:net';
import { test } from 'node:test';
import { assert, ck, new_name } from '../check.mjs';
import { sleep, test_max, until } from '../stack.mjs';

const password = 'long-enough-4-everyone';

export default function repeats(the) {
  const person = (name) => ({ name, status: 'caregiver', password });
  const number_of = (name) => the.stack.psql(the.stack.database, `SELECT count(*) FROM users.person WHERE name = '${name}'`);
  const again = (name, key) => the.neurologist.post('/api/v1/users', person(name), { 'Idempotency-Key': key });

  /* Sends the request straight to the service and never reads what comes back. */
  function send_and_not_listen(name, key) {
    const body = JSON.stringify(person(name));
    const socket = net.connect(the.stack.ports.users.http, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write([
      'POST /api/v1/users HTTP/1.1', 'Host: localhost', `Authorization: ${the.neurologist.headers.Authorization}`,
      'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, `Idempotency-Key: ${key}`, '', body,
    ].join('\r\n'));
    return socket;
  }

  async function kill_users() {
    await the.stack.processes.users.kill('SIGKILL');
    await the.stack.restart('users');
  }

  test('the same creation through the gateway again gets the same answer', async () => {
    const name = new_name('Twice');
    const key = randomUUID();
    const first = await again(name, key);
    ck(first, 201);
    assert.equal(first.headers['idempotency-replayed'], undefined);
    const second = await again(name, key);
    ck(second, 201);
    assert.equal(second.headers['idempotency-replayed'], 'true');
    assert.equal(second.text, first.text);
    for (const header of ['location', 'etag']) assert.equal(second.headers[header], first.headers[header]);
    assert.equal(number_of(name), '1');
  });

  test('after a kill between commit and reply a retry gets the answer to its one record', { timeout: test_max }, async () => {
    const name = new_name('Unheard');
    const key = randomUUID();
    const socket = send_and_not_listen(name, key);
    await until('the person is there', () => number_of(name) === '1');
    socket.destroy();
    await kill_users();
    const reply = await again(name, key);
    assert.equal(ck(reply, 201).name, name);
    assert.equal(reply.headers['idempotency-replayed'], 'true');
    ck(await the.neurologist.get(reply.headers.location), 200);
    assert.equal(number_of(name), '1');
  });

  test('killed at any moment: after the retry there is one record', { timeout: test_max }, async () => {
    for (const delay of [1, 15, 60]) {
      const name = new_name('Anytime');
      const key = randomUUID();
      const socket = send_and_not_listen(name, key);
      await sleep(delay);
      await kill_users();
      socket.destroy();
      /* The database may still be about to notice that the first one died. */
      let reply;
      await until('the retry is answered', async () => (reply = await again(name, key)).status !== 409);
      assert.equal(ck(reply, 201).name, name);
      assert.equal(number_of(name), '1');
    }
  });
}

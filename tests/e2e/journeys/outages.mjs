/* What happens when parts go away, and that they come back. */

import * as fs from 'node:fs';
import { before, test } from 'node:test';
import { Client } from '../client.mjs';
import { assert, ck, ck_problem } from '../check.mjs';
import { services, sleep, test_max, until } from '../stack.mjs';

export default function outages(the) {
  /* A path of each service that needs its database: the first that a neurologist may read. */
  const asks_database = {};
  before(async () => {
    for (const name of services) {
      for (const { method, path } of the.stack.routes(name))
        if (method === 'GET' && !path.includes(':') && !asks_database[name] && (await the.neurologist.get(path)).status === 200)
          asks_database[name] = path;
      assert.ok(asks_database[name], `${name} has nothing that a neurologist may read`);
    }
  });

  const read_log = () => fs.readFileSync(the.stack.gateway.access_log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

  test('a killed service gives 503 with Retry-After, the others go on, and it comes back', async () => {
    for (const name of services) {
      await the.stack.processes[name].kill('SIGKILL');
      const reply = await the.neurologist.get(asks_database[name]);
      ck_problem(reply, 503);
      assert.match(reply.headers['retry-after'], /^\d+$/);
      for (const other of services.filter((s) => s !== name)) ck(await the.neurologist.get(asks_database[other]), 200);
      await the.stack.restart(name);
      ck(await the.neurologist.get(asks_database[name]), 200);
    }
  });

  test('a session outlives the restart of every service', async () => {
    for (const name of services) {
      await the.stack.processes[name].stop();
      await the.stack.restart(name);
    }
    ck(await the.neurologist.get('/api/v1/auth/me'), 200);
    ck(await the.neurologist.get('/count_over/10'), 200);
  });

  test('SIGTERM: logins that are being worked on are answered', async () => {
    const operations = new Client(`http://127.0.0.1:${the.stack.ports.auth.ops}`);
    const in_flight = async () => Number(/^mnemos_http_requests_in_flight (\d+)$/m.exec((await operations.get('/metrics')).text)[1]);
    for (let round = 0; round < 3; round++) {
      let answered = 0;
      const login = () => the.anyone.post('/login', { name: 'Paula Patient', password: the.password });
      const logins = Array.from({ length: 4 }, () => login().finally(() => answered++));
      await until('all logins have come to auth', async () => {
        const before = answered;
        return before + (await in_flight()) >= logins.length;
      });
      const ended = the.stack.processes.auth.kill('SIGTERM');
      for (const reply of await Promise.all(logins)) ck(reply, 200);
      assert.deepEqual(await ended, { code: 0, signal: null });
      await the.stack.restart('auth');
    }
  });

  test('SIGTERM under load: no request in flight is lost', { timeout: test_max }, async () => {
    const path = `/get_user_by_name/${encodeURIComponent('Paula Patient')}`;
    const before = read_log().length;
    const counts = { good: 0, refused: 0 };
    const wrong = [];
    let going = true;
    const clients = Array.from({ length: 16 }, () => new Client(the.stack.gateway.url, the.neurologist.headers));
    const load = clients.map(async (client) => {
      while (going) {
        const reply = await client.get(path).catch((error) => ({ status: 0, text: error.message, headers: {} }));
        if (reply.status === 200 && reply.json.name === 'Paula Patient') {
          counts.good++;
        } else if (reply.status === 503 && /^\d+$/.test(reply.headers['retry-after'])) {
          counts.refused++;
          await sleep(10);
        } else {
          wrong.push(`${reply.status} ${reply.text.slice(0, 300)}`);
        }
      }
    });
    const good_ones = (more, goal = counts.good + more) => until('the load is served', () => counts.good >= goal);
    try {
      for (let round = 0; round < 3; round++) {
        await good_ones(100);
        const { code, signal } = await the.stack.processes.users.kill('SIGTERM');
        assert.deepEqual({ code, signal }, { code: 0, signal: null });
        await the.stack.restart('users');
      }
      await good_ones(100);
    } finally {
      going = false;
      await Promise.all(load);
    }
    assert.deepEqual([...new Set(wrong)], []);
    /* 503 is for who came while the service was away. A 502 on a connection that had been made is a request that the
     * service took and did not answer. */
    const lost = read_log().slice(before).filter((line) => line.status === 503 && /502$/.test(line.upstream_status) && line.upstream_connect_seconds !== '-');
    assert.deepEqual(lost, []);
  });

  test('PostgreSQL goes away: 503 and not ready; it returns: ready and answering', { timeout: test_max }, async () => {
    const { ports } = the.stack;
    const status = async (port, path) => (await new Client(`http://127.0.0.1:${port}`).get(path)).status;
    try {
      the.stack.stop_postgres();
      await until('all services say that they are not ready', async () => {
        for (const name of services) if ((await status(ports[name].ops, '/readyz')) !== 503) return false;
        return true;
      });
      for (const name of services) {
        assert.equal(await status(ports[name].ops, '/livez'), 200);
        const reply = await the.neurologist.get(asks_database[name]);
        ck_problem(reply, 503);
        assert.match(reply.headers['retry-after'], /^\d+$/);
      }
      ck_problem(await the.anyone.post('/login', { name: 'Paula Patient', password: the.password }), 503);
    } finally {
      the.stack.start_postgres();
    }
    for (const name of services)
      await until(`${name} answers`, async () => (await the.neurologist.get(asks_database[name])).status === 200);
    for (const name of services)
      await until(`${name} is ready`, async () => (await status(ports[name].ops, '/readyz')) === 200);
    await the.anyone.login('Paula Patient', the.password);
  });

  test('after a crash of PostgreSQL no connection stays stuck', { timeout: test_max }, async () => {
    the.stack.crash_postgres();
    the.stack.start_postgres();
    for (const name of services)
      await until(`${name} answers`, async () => (await the.neurologist.get(asks_database[name])).status === 200);
    const replies = await Promise.all(Array.from({ length: 64 }, () => the.neurologist.get('/count_over/10')));
    for (const reply of replies) ck(reply, 200);
  });
}

/* The gateway's own pages, headers and errors. */

import { execFileSync, spawnSync } from 'node:child_process';
import * as net from 'node:net';
import * as path from 'node:path';
import { test } from 'node:test';
import { assert, ck, ck_problem, from_gateway } from '../check.mjs';
import { Client } from '../client.mjs';
import { has_ipv6, root, services, test_max, wait_max } from '../stack.mjs';

const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

/* Sends bytes as they are and answers everything that comes back until the other side closes. */
function raw(port, bytes) {
  return new Promise((done, fail) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.setTimeout(wait_max, () => socket.destroy(new Error(`no answer within ${wait_max} ms`)));
    socket.on('data', (part) => { answer += part; });
    socket.on('error', fail);
    socket.on('close', () => done(answer));
  });
}

export default function entrance(the) {
  test('the landing page is HTML for browsers and JSON for programs', async () => {
    const page = await the.anyone.get('/', browser);
    ck(page, 200);
    assert.match(page.headers['content-type'], /^text\/html/);
    assert.match(page.text, /<h1>Mnemos<\/h1>/);
    assert.match(page.text, /href="\/docs"/);
    assert.doesNotMatch(page.text, /@[A-Z]+@/);

    const index = ck(await the.anyone.get('/'), 200);
    assert.match(index.version, /^\d+\.\d+/);
    assert.deepEqual(index.services.map((service) => service.name), services);
    for (const link of Object.values(index.links)) ck(await the.anyone.get(link), 200);
  });

  test('the landing page lists every operation of the OpenAPI document, once', async () => {
    const { paths } = ck(await the.anyone.get('/openapi.json'), 200);
    const operations = Object.entries(paths).flatMap(([at, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${at}`)).sort();
    const index = ck(await the.anyone.get('/'), 200);
    const resources = index.services.flatMap((service) => service.resources);
    assert.deepEqual(resources.flatMap((one) => one.operations.map(({ method, path: at }) => `${method} ${at}`)).sort(), operations);
    for (const at of Object.keys(paths)) {
      const holding = resources.filter((one) => at === one.path || at.startsWith(`${one.path}/`));
      assert.equal(holding.length, 1, `${at} is in ${holding.map((one) => one.path).join(' and ') || 'no resource'}`);
    }
    assert.ok(index.services.every((service) => service.summary));
    assert.deepEqual(resources.filter((one) => one.historic).map((one) => one.path).filter((at) => at.startsWith('/api/v1')), []);

    const { text } = await the.anyone.get('/', browser);
    assert.deepEqual([...text.matchAll(/<code>([A-Z]+ \/[^<]*)<\/code>/g)].map((match) => match[1]).sort(), operations);
    assert.deepEqual([...text.matchAll(/<summary><code>([^<]*)<\/code>/g)].map((match) => match[1]), resources.map((one) => one.path));
  });

  test('the OpenAPI document describes every route of every service', async () => {
    const reply = await the.anyone.get('/openapi.json');
    const document = ck(reply, 200);
    assert.match(reply.headers['content-type'], /^application\/json/);
    assert.match(document.openapi, /^3\.1\./);
    for (const name of services)
      for (const route of the.stack.routes(name)) {
        const template = route.path.replace(/:(\w+)/g, '{$1}');
        assert.ok(document.paths[template]?.[route.method.toLowerCase()], `${route.method} ${template} of ${name} is not described`);
      }
  });

  test('the OpenAPI document passes the linter', { timeout: test_max }, () => {
    const lint = spawnSync(path.join(root, 'node_modules/.bin/redocly'),
      ['lint', '--config', path.join(root, 'tests/e2e/redocly.yaml'), '--format', 'codeframe', path.join(the.stack.work, 'www/openapi.json')],
      { encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } });
    assert.equal(lint.status, 0, `${lint.stdout}${lint.stderr}`);
  });

  test('the API page is there with and without a slash and loads no part from elsewhere', async () => {
    for (const path of ['/docs', '/docs/']) {
      const page = await the.anyone.get(path);
      ck(page, 200);
      assert.match(page.headers['content-type'], /^text\/html/);
      const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => m[1]);
      assert.ok(parts.length >= 5);
      for (const part of parts) {
        assert.match(part, /^\//);
        ck(await the.anyone.get(part), 200);
      }
    }
  });

  test('every route of every service is reached through the gateway', async () => {
    for (const name of services) {
      const routes = the.stack.routes(name);
      assert.ok(routes.length > 0, `${name} prints no routes`);
      for (const { method, path } of routes) {
        const reply = await the.anyone.request(method, path.replace(/:\w+|\{\w+\}/g, 'x'));
        assert.ok(!from_gateway(reply), `${method} ${path} of ${name} is not led to it`);
        assert.notEqual(reply.status, 502);
        assert.ok(reply.status < 500, `${method} ${path}: ${reply.status} ${reply.text}`);
      }
    }
  });

  test('an unknown path is a problem document of the gateway', async () => {
    for (const path of ['/nothing', '/api', '/api/v2/users', '/api/v1/usersx', '/-/users', '/docs/../../etc/passwd', '/index.html.bak', '/paths.conf']) {
      const reply = await the.anyone.get(path);
      if (path.includes('..')) assert.ok([400, 404].includes(reply.status), `${path}: ${reply.status}`);
      else ck_problem(reply, 404);
    }
  });

  test('each answer has a request id of the gateway, whatever the client sends', async () => {
    const seen = new Set();
    for (const path of ['/', '/docs', '/nothing', '/status', '/api/v1/auth/me', '/get_user_by_name/x']) {
      const reply = await the.anyone.get(path, { 'X-Request-Id': 'chosen-by-the-client' });
      assert.match(reply.headers['x-request-id'], /^[0-9a-f]{32}$/, path);
      if (reply.json?.request_id) assert.equal(reply.json.request_id, reply.headers['x-request-id']);
      seen.add(reply.headers['x-request-id']);
    }
    assert.equal(seen.size, 6);
  });

  test('each answer has the security headers, once', async () => {
    for (const path of ['/', '/docs', '/nothing', '/status']) {
      const reply = await the.anyone.get(path);
      assert.equal(reply.headers['x-content-type-options'], 'nosniff');
      assert.equal(reply.headers['referrer-policy'], 'no-referrer');
      assert.match(reply.headers['content-security-policy'], /^default-src 'none';.*frame-ancestors 'none'$/);
      assert.doesNotMatch(reply.headers['content-security-policy'], /unsafe|\*|http/);
      assert.equal(reply.headers.server, 'nginx');
    }
  });

  test('answers are compressed on request, and the ETag still works', async () => {
    const gzip = { 'Accept-Encoding': 'gzip' };
    const script = await the.anyone.get('/docs/swagger-ui-bundle.js', gzip);
    assert.equal(script.headers['content-encoding'], 'gzip');
    const list = await the.neurologist.get('/api/v1/users?limit=50', gzip);
    assert.equal(list.headers['content-encoding'], 'gzip');
    ck(await the.neurologist.get('/api/v1/users?limit=50'), 200);
    const again = await the.anyone.get('/openapi.json', { ...gzip, 'If-None-Match': (await the.anyone.get('/openapi.json', gzip)).headers.etag });
    ck(again, 304);
  });

  test('HEAD and OPTIONS go through', async () => {
    const head = await the.anyone.request('HEAD', '/status');
    ck(head, 200);
    assert.equal(head.text, '');
    const options = await the.anyone.request('OPTIONS', '/api/v1/users');
    assert.ok([200, 204].includes(options.status), `${options.status}`);
    assert.match(options.headers.allow, /GET/);
  });

  test('requests that are not HTTP are refused with a problem document', async () => {
    const port = the.stack.gateway.port;
    for (const bytes of ['NOT HTTP\r\n\r\n', 'GET /status HTTP/1.1\r\n\r\n', 'GET /a%00b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n']) {
      const answer = await raw(port, bytes);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, /Content-Type: application\/problem\+json/);
    }
  });

  test('a request whose end is not clear is refused', async () => {
    const post = (...headers) => `POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.join('\r\n')}\r\n\r\n0\r\n\r\nGET /status HTTP/1.1\r\nHost: x\r\n\r\n`;
    const unclear = [
      post('Content-Length: 5', 'Transfer-Encoding: chunked'), post('Transfer-Encoding: chunked', 'Content-Length: 5'),
      post('Content-Length: 5', 'Content-Length: 6'), post('Content-Length: 5, 6'), post('Content-Length: +5'), post('Content-Length: -1'),
      post('Transfer-Encoding: chunked, identity'), post('Transfer-Encoding: xchunked'), post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
      post('Transfer-Encoding : chunked'),
    ];
    for (const bytes of unclear) {
      const answer = await raw(the.stack.gateway.port, bytes);
      assert.match(answer, /^HTTP\/1\.1 (400|411|501) /, `${bytes}\n${answer}`);
      assert.equal(answer.match(/HTTP\/1\.1 /g).length, 1, `answered twice: ${bytes}\n${answer}`);
    }
  });

  test('large headers and long addresses are refused', async () => {
    ck_problem(await the.anyone.get('/status', { 'X-Large': 'a'.repeat(9000) }), 431);
    ck_problem(await the.anyone.get(`/get_user_by_name/${'a'.repeat(9000)}`), 414);
  });

  test('many logins from one address are slowed down', async () => {
    const gateway = await the.stack.start_gateway({ LOGIN_RATE: '1r/m', LOGIN_BURST: '2' });
    const client = new (the.anyone.constructor)(gateway.url);
    const ways = [
      ['POST', '/api/v1/auth/login'], ['POST', '/login'], ['GET', '/login?name=x&password=y'], ['POST', '/api/v1/auth/%6cogin'],
      ['POST', '/login/'], ['POST', '/api/v1/auth/login?x=1'],
    ];
    const replies = [];
    for (const [method, path] of ways) replies.push(await client.request(method, path));
    const refused = replies.filter((reply) => reply.status === 429);
    assert.equal(refused.length, 3, replies.map((r) => r.status).join(' '));
    for (const reply of refused) {
      ck_problem(reply, 429);
      assert.equal(reply.headers['retry-after'], '1');
    }
    ck(await client.get('/status'), 200);
    await the.stack.processes[gateway.name].stop();
  });

  test('a gateway and a service on IPv6 serve clients of both families', async (t) => {
    if (!(await has_ipv6())) return t.skip('this machine has no ::1');
    await the.stack.start_replica('auth', 'auth-ipv6', { HTTP_ADDRESS: '::1', TRUSTED_PROXY: '::1' });
    const gateway = await the.stack.start_gateway({ GATEWAY_ADDRESS: '::', AUTH_UPSTREAM: `[::1]:${the.stack.ports['auth-ipv6'].http}` });
    for (const [host, address] of [['127.0.0.1', '127.0.0.1'], ['[::1]', '::1']]) {
      const client = await new Client(`http://${host}:${gateway.port}`).login('Carl Caregiver', the.password);
      const { items } = ck(await client.get('/api/v1/auth/sessions'), 200);
      assert.equal(items.find((session) => session.current).address, address);
      ck(await client.post('/api/v1/auth/logout'), 204);
    }
    for (const address of ['::', '::1', '127.0.0.1'])
      execFileSync(path.join(root, 'deploy/container/gateway'), ['--check'], { env: { ...process.env, GATEWAY_ADDRESS: address, GATEWAY_PORT: String(gateway.port) } });
    for (const name of [gateway.name, 'auth-ipv6']) await the.stack.processes[name].stop();
  });

  test('a client that sends its headers or body by drips is dropped', { timeout: test_max }, async () => {
    const port = the.stack.gateway.port;
    const drip = (begin) => new Promise((done) => {
      const began = Date.now();
      const socket = net.connect(port, '127.0.0.1', () => socket.write(begin));
      socket.on('error', () => {});
      socket.resume();
      socket.on('close', () => done(Date.now() - began));
    });
    const times = await Promise.all([
      drip('GET /status HTTP/1.1\r\nHost: x\r\nX-Slow: '),
      drip('POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'),
    ]);
    for (const time of times) assert.ok(time > 5000, `after ${time} ms already`);
  });
}

/* Requests that are wrong in form: method, size, type, path. */

import { test } from 'node:test';
import { assert, ck, ck_problem } from '../check.mjs';
import { services } from '../stack.mjs';

export default function refusals(the) {
  test('a wrong method names the right ones', async () => {
    for (const [method, path] of [['DELETE', '/api/v1/auth/login'], ['PUT', '/status'], ['POST', '/count_over/3'], ['PATCH', '/api/v1/elements'], ['DELETE', '/create_user/x']]) {
      const reply = await the.neurologist.request(method, path);
      ck_problem(reply, 405);
      assert.match(reply.headers.allow, /GET|POST/);
      assert.doesNotMatch(reply.headers.allow, new RegExp(`\\b${method}\\b`));
    }
    for (const path of ['/', '/docs', '/openapi.json']) {
      const reply = await the.anyone.post(path, {});
      ck_problem(reply, 405);
      assert.equal(reply.headers.allow, 'GET, HEAD');
    }
  });

  test('a body over the limit is refused, declared or not', async () => {
    const large = Buffer.alloc(1024 * 1024 + 1, ' ');
    const json = { 'Content-Type': 'application/json' };
    for (const path of ['/api/v1/users', '/login', '/api/v1/auth/login']) {
      ck_problem(await the.neurologist.post(path, large, json), 413);
      ck_problem(await the.neurologist.post(path, large, { ...json, 'Transfer-Encoding': 'chunked' }), 413);
    }
    ck_problem(await the.neurologist.post('/api/v1/elements', Buffer.alloc(16 * 1024 * 1024 + 1, ' '), json), 413);
    const deep = await the.neurologist.post('/api/v1/elements', Buffer.alloc(10 * 1024 * 1024, '['), json);
    ck_problem(deep, 400);
  });

  test('another content type is refused', async () => {
    for (const path of ['/api/v1/users', '/api/v1/elements', '/api/v1/auth/login'])
      ck_problem(await the.neurologist.post(path, '<x/>', { 'Content-Type': 'application/xml' }), 415);
  });

  test('broken bodies are 400 and change nothing', async () => {
    const { users } = ck(await the.anyone.get('/status'), 200);
    const json = { 'Content-Type': 'application/json' };
    for (const body of ['', '{', '[]', '"x"', '{"name":"a","name":"b"}', Buffer.from('{"name":"\xff"}', 'latin1'), '{"name":"a\\u0000b"}']) {
      const reply = await the.neurologist.post('/api/v1/users', body, json);
      assert.ok([400, 422].includes(reply.status), `${body}: ${reply.status} ${reply.text}`);
      ck_problem(reply, reply.status);
    }
    assert.equal(ck(await the.anyone.get('/status'), 200).users, users);
  });

  test('%2F, dots and other bytes in a path stay in the path', async () => {
    const tried = [
      '/get_user_by_name/Paula%2FPatient', '/get_user_by_name/..%2F..%2Fstatus', '/get_user_by_name/..', '/get_user_by_name/%2e%2e',
      '/get_user_by_name/../../status', '/api/v1/users/..', '/api/v1/users/../auth/me', '/api/v1/users/%2e%2e%2fauth%2fme', '/api/v1/users/x%2Fy',
      '/predict_patient/..%2f..%2f', '/api/v1/elements/..%2F..%2Fusers', '/api/elements/../users',
      "/get_user_by_name/'%20OR%201=1--", '/get_user_by_name/%3Cscript%3E',
    ];
    for (const path of tried) {
      const reply = await the.neurologist.get(path);
      assert.ok([400, 404, 422].includes(reply.status), `${path}: ${reply.status} ${reply.text}`);
      ck_problem(reply, reply.status);
    }
    for (const path of ['/get_user_by_name/%', '/get_user_by_name/%zz', '/get_user_by_name/%00', '/get_user_by_name/%ff%fe'])
      assert.ok([400, 404, 422].includes((await the.neurologist.get(path)).status), path);
  });

  test('a slash inside a name reaches the service as part of the name', async () => {
    const name = 'Slash/Ofthejourneyzz';
    const made = ck(await the.anyone.post('/api/v1/users', { name, status: 'caregiver', password: 'long-enough-4-everyone' }), 201);
    const found = ck(await the.neurologist.get(`/get_user_by_name/${encodeURIComponent(name)}`), 200);
    assert.equal(found.user_id, made.user_id);
  });

  test('repeated and unknown query keys are refused', async () => {
    ck_problem(await the.neurologist.get('/api/v1/mmse/count?over=3&over=4'), 422);
    ck_problem(await the.neurologist.get('/api/v1/users?limit=1&nonsense=1'), 422);
  });

  test('no wrong request of this run was an internal error of a service', async () => {
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync(the.stack.gateway.access_log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const bad = lines.filter((line) => line.status >= 500 && line.status !== 501); // 501: the gateway knows no such encoding
    assert.deepEqual(bad, []);
    assert.ok(services.every((name) => lines.some((line) => line.service === name)));
  });
}

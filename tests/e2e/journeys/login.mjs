/* Getting in and out: JSON, form, query, cookie, token. */

import { test } from 'node:test';
import { assert, ck, ck_problem } from '../check.mjs';
import { Client } from '../client.mjs';
import { until } from '../stack.mjs';

/* The end of a session travels from service to service, in milliseconds. */
async function until_refused(client, path) {
  let reply;
  await until(`${path} refuses the ended session`, async () => (reply = await client.get(path)).status === 401, 500);
  ck_problem(reply, 401);
}

export default function login(the) {
  const form = (name, password) => new URLSearchParams({ name, password });

  test('login answers token, lifetime and account, by JSON, form and query', async () => {
    const query = `/login?${form('Dr. Ada Neuro', the.password)}`;
    const ways = [
      await the.anyone.post('/api/v1/auth/login', { name: 'Dr. Ada Neuro', password: the.password }),
      await the.anyone.post('/login', { name: 'Dr. Ada Neuro', password: the.password }),
      await the.anyone.post('/login', form('Dr. Ada Neuro', the.password)),
      await the.anyone.get(query),
    ];
    for (const reply of ways) {
      const answer = ck(reply, 200);
      assert.equal(answer.token_type, 'Bearer');
      assert.ok(answer.expires_in > 0);
      assert.equal(answer.account.name, 'Dr. Ada Neuro');
      assert.equal(answer.account.role, 'healthpro');
      assert.equal(answer.account.specialty, 'neurologist');
      assert.doesNotMatch(reply.text, /password/);
      const me = ck(await the.anyone.get('/api/v1/auth/me', { Authorization: `Bearer ${answer.access_token}` }), 200);
      assert.equal(me.id, answer.account.id);
    }
  });

  test('the name may be in any case, the password may not', async () => {
    ck(await the.anyone.post('/login', { name: 'dR. aDA NEURO', password: the.password }), 200);
    const wrong = ck_problem(await the.anyone.post('/login', { name: 'Dr. Ada Neuro', password: the.password.toUpperCase() }), 401);
    const unknown = ck_problem(await the.anyone.post('/login', { name: 'Nobody Atall', password: the.password }), 401);
    assert.equal(wrong.detail, unknown.detail);
  });

  test('a browser is kept logged in by a cookie that scripts cannot read', async () => {
    const reply = await the.anyone.post('/api/v1/auth/login', { name: 'Paula Patient', password: the.password });
    const cookie = reply.headers['set-cookie'].find((line) => line.startsWith('mnemos_session='));
    assert.match(cookie, /; *HttpOnly/i);
    assert.match(cookie, /; *SameSite=(Strict|Lax)/i);
    const browser = the.anyone.as({ Cookie: cookie.split(';')[0] });
    assert.equal(ck(await browser.get('/api/v1/auth/me'), 200).name, 'Paula Patient');

    ck_problem(await browser.post('/api/v1/auth/logout', undefined, { Origin: 'http://elsewhere.example' }), 403);
    const origin = `http://${the.anyone.url.host}`;
    const out = await browser.post('/api/v1/auth/logout', undefined, { Origin: origin, Host: the.anyone.url.host });
    ck(out, 204);
    await until_refused(browser, '/api/v1/auth/me');
  });

  test('a refresh token prolongs a session; a browser keeps it in a cookie of that path', async () => {
    const reply = await the.anyone.post('/api/v1/auth/login', { name: 'Paula Patient', password: the.password });
    const first = ck(reply, 200);
    const second = ck(await the.anyone.post('/api/v1/auth/refresh', { refresh_token: first.refresh_token }), 200);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(ck(await the.anyone.get('/api/v1/auth/me', { Authorization: `Bearer ${second.access_token}` }), 200).name, 'Paula Patient');

    const cookie = reply.headers['set-cookie'].find((line) => line.startsWith('mnemos_refresh='));
    assert.match(cookie, /; *Path=\/api\/v1\/auth\/refresh;/i);
    assert.match(cookie, /; *HttpOnly/i);
    const browser = the.anyone.as({ Cookie: cookie.split(';')[0] });
    ck_problem(await browser.post('/api/v1/auth/refresh', undefined, { Origin: 'http://elsewhere.example' }), 403);
    const origin = { Origin: `http://${the.anyone.url.host}`, Host: the.anyone.url.host };
    const again = await browser.post('/api/v1/auth/refresh', undefined, origin); // the first token once more: the reply may have been lost
    assert.ok(ck(again, 200).access_token);
    assert.ok(again.headers['set-cookie'].some((line) => line.startsWith('mnemos_refresh=')));
  });

  test('after a logout the token is worth nothing at any service', async () => {
    const client = await the.anyone.login('Dr. Ada Neuro', the.password);
    ck(await client.get('/count_over/10'), 200);
    ck(await client.post('/api/v1/auth/logout'), 204);
    for (const path of ['/api/v1/auth/me', '/count_over/10', '/api/v1/users', '/api/v1/elements']) await until_refused(client, path);
  });

  test('sessions are listed with device and address, and ended one by one', async () => {
    const behind_a_proxy = await the.stack.start_gateway({ REAL_IP_FROM: '127.0.0.1' });
    const address = '2001:db8:1111:2222:3333:4444:5555:6666';
    const phone = await new Client(behind_a_proxy.url, { 'User-Agent': 'Phone/1', 'X-Forwarded-For': address }).login('Carl Caregiver', the.password);
    const desk = await the.anyone.as({ 'User-Agent': 'Desk/1', 'X-Forwarded-For': '2001:db8::bad' }).login('Carl Caregiver', the.password);
    await the.stack.processes[behind_a_proxy.name].stop();
    const { items } = ck(await desk.get('/api/v1/auth/sessions'), 200);
    assert.deepEqual([items[0].device, items[0].address, items[0].current], ['Desk/1', '127.0.0.1', true]); // strangers are not believed
    assert.deepEqual([items[1].device, items[1].address, items[1].current], ['Phone/1', address, false]);

    const token = the.anyone.as({ Authorization: phone.headers.Authorization });
    ck_problem(await the.patient.delete(`/api/v1/auth/sessions/${items[1].id}`), 404);
    ck(await token.get('/count_over/10'), 200);
    ck(await desk.delete(`/api/v1/auth/sessions/${items[1].id}`), 204);
    for (const path of ['/api/v1/auth/me', '/count_over/10', '/api/v1/users', '/api/v1/elements']) await until_refused(token, path);
    ck(await desk.post('/api/v1/auth/logout'), 204);
  });

  test('tokens of another making are refused', async () => {
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const claims = Buffer.from('{"iss":"mnemos","aud":"mnemos","role":"superuser","exp":9999999999}').toString('base64url');
    for (const token of ['', 'x', `${none}.${claims}.`, 'a.b.c', 'é'.repeat(10).normalize('NFKD').replace(/[^\x20-\x7e]/g, '')])
      ck_problem(await the.anyone.get('/api/v1/auth/me', { Authorization: `Bearer ${token}` }), 401);
  });

  test('the public keys are published, and nothing but the public part', async () => {
    const { keys } = ck(await the.anyone.get('/.well-known/jwks.json'), 200);
    assert.ok(keys.length >= 1);
    for (const key of keys) {
      assert.equal(key.kty, 'EC');
      assert.equal(key.crv, 'P-256');
      assert.ok(key.kid && key.x && key.y);
      assert.equal(key.d, undefined);
    }
  });
}

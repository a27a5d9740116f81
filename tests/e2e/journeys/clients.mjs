/* A machine: made by an administrator, let in by its secret, kept to its scope, and shut out. */

import { test } from 'node:test';
import { assert, ck, ck_problem, new_name } from '../check.mjs';
import { until } from '../stack.mjs';

const password = 'seven quiet harbour lamps';
const grant = () => new URLSearchParams({ grant_type: 'client_credentials' });

export default function clients(the) {
  async function superuser() {
    const name = new_name('Sabine');
    the.stack.create_superuser(name, password);
    return the.anyone.login(name, password);
  }

  test('a laboratory counts patients by its own token until it is deactivated', async () => {
    const sabine = await superuser();
    const made = await sabine.post('/api/v1/clients', { name: new_name('Laboratory'), scope: 'counts:read' });
    const { id, client_secret: secret } = ck(made, 201);
    const credentials = { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };

    const answer = ck(await the.anyone.post('/api/v1/auth/token', grant(), credentials), 200);
    assert.equal(answer.scope, 'counts:read');
    assert.equal(answer.refresh_token, undefined);
    const laboratory = the.anyone.as({ Authorization: `Bearer ${answer.access_token}` });
    assert.ok(ck(await laboratory.get('/api/v1/mmse/count?over=20'), 200).count > 0);
    assert.equal(ck(await laboratory.get('/api/v1/status'), 200).current_user.role, 'client');
    ck_problem(await laboratory.get('/api/v1/users'), 403);
    ck_problem(await laboratory.get('/api/v1/elements'), 403);
    ck_problem(await laboratory.get('/api/v1/clients'), 403);

    const off = await sabine.patch(made.headers.location, { active: false }, { 'If-Match': made.headers.etag });
    assert.equal(ck(off, 200).active, false);
    await until('the token is refused', async () => (await laboratory.get('/api/v1/mmse/count?over=20')).status === 401);
    ck_problem(await the.anyone.post('/api/v1/auth/token', grant(), credentials), 401);
    ck(await sabine.delete(made.headers.location, { 'If-Match': off.headers.etag }), 204);
  });

  test('a researcher sees numbers and no names', async () => {
    const sabine = await superuser();
    const name = new_name('Rita');
    ck(await sabine.post('/api/v1/researchers', { name, password }), 201);
    const rita = await the.anyone.login(name, password);
    ck(await rita.get('/api/v1/mmse/distribution?by=age_band'), 200);
    ck_problem(await rita.get('/api/v1/users?name=paula%20patient'), 403);
    ck_problem(await rita.get('/predict_patient/Paula%20Patient'), 403);
  });
}

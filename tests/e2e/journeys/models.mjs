/* A model of the next score: trained by the worker, promoted, used; by a neurologist and by a machine. */

import { test } from 'node:test';
import { assert, ck, ck_problem, new_name } from '../check.mjs';

const password = 'seven quiet harbour lamps';

async function trained(who, order) {
  const accepted = await who.post('/api/v1/models', order);
  assert.equal(ck(accepted, 202).kind, 'model.train');
  for (let times = 0; times < 6; times++) {
    const task = ck(await who.get(`${accepted.headers.location}?wait=20`), 200);
    assert.ok(!['error', 'cancelled'].includes(task.state), JSON.stringify(task.error));
    if (task.state === 'finished') return task.result;
  }
  throw new Error(`${accepted.headers.location} did not finish`);
}

export default function models(the) {
  async function superuser() {
    const name = new_name('Sabine');
    the.stack.create_superuser(name, password);
    return the.anyone.login(name, password);
  }

  /* Whether some 150 people show that a model beats the last value is up to chance; then a superuser decides. */
  async function promoted(who, forcing, path, reason) {
    const answer = await who.post(`${path}/promote`, {});
    if (answer.status === 200) return;
    assert.match(ck_problem(answer, 409).detail, /RMSE/);
    ck(await forcing.post(`${path}/promote`, { force: true, reason }), 200);
  }

  test('a model is trained, read, promoted and asked, and the rule comes back', async () => {
    const sabine = await superuser();
    const path = await trained(sabine, { name: 'Journey', method: 'linear_history' });
    const model = ck(await sabine.get(path), 200);
    assert.equal(model.method, 'linear_history');
    assert.ok(model.metrics.rmse > 0 && model.card.known_limits.length > 0);
    ck_problem(await the.neurologist.get(path), 404);

    const page = await sabine.get(`${path}/report`, { Accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'], /text\/html/);
    assert.match(page.headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-/);
    assert.equal(page.text.match(/<svg xmlns/g).length, 3);

    await promoted(sabine, sabine, path, 'A journey');
    const [paula] = ck(await the.neurologist.get('/api/v1/users?name=paula%20patient'), 200).items;
    const forecast = ck(await the.neurologist.get(`/api/v1/mmse/predictions/${paula.user_id}`), 200);
    assert.equal(forecast.model_id, model.model_id);
    assert.ok(forecast.interval.lower <= forecast.predicted_mmse && forecast.predicted_mmse <= forecast.interval.upper);
    assert.equal(forecast.last_value, forecast.inputs.mmse);
    assert.deepEqual(ck(await the.neurologist.get('/predict_patient/Paula%20Patient'), 200), forecast);
    ck(await the.neurologist.get(path), 200);

    ck(await sabine.delete(`${path}/promote`), 204);
    assert.equal(ck(await the.neurologist.get('/predict_patient/Paula%20Patient'), 200).model, 'rule-v1');
    const { headers } = await sabine.get(path);
    ck(await sabine.delete(path, { 'If-Match': headers.etag }), 204);
  });

  test('a machine trains with its own scope and sees nobody by it', async () => {
    const sabine = await superuser();
    const made = ck(await sabine.post('/api/v1/clients', { name: new_name('Trainer'), scope: 'models:write' }), 201);
    const credentials = { Authorization: `Basic ${Buffer.from(`${made.id}:${made.client_secret}`).toString('base64')}` };
    const grant = new URLSearchParams({ grant_type: 'client_credentials' });
    const { access_token } = ck(await the.anyone.post('/api/v1/auth/token', grant, credentials), 200);
    const trainer = the.anyone.as({ Authorization: `Bearer ${access_token}` });

    const path = await trained(trainer, { name: 'Machine', method: 'own_line' });
    assert.equal(ck(await trainer.get('/api/v1/models'), 200).items[0].owner_id, made.id);
    ck_problem(await sabine.get(path), 404);
    ck_problem(await trainer.get('/api/v1/users'), 403);
    ck_problem(await trainer.get('/predict_patient/Paula%20Patient'), 403);
  });
}

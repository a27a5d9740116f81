/* Tasks, as their owner and the operator see them. */

import { test } from 'node:test';
import { assert, ck } from '../check.mjs';
import { until } from '../stack.mjs';

export default function tasks(the) {
  /* One that no worker knows how to do, so that it waits. */
  const make_task = () => the.stack.psql(the.stack.database,
    `INSERT INTO shared.task (service, kind, owner_id, state, input, max_attempts)
     SELECT 'mnemos_analytics', 'e2e.wait', id, 'pending', '{}', 1 FROM auth.account WHERE name = 'Dr. Ada Neuro'
     RETURNING replace(id::text, '-', '')`);
  const is_watched = (id) => the.stack.psql(the.stack.database,
    `SELECT watched_until IS NOT NULL FROM shared.task WHERE id = '${id}'`) === 't';

  test('a wait for a task ends with it at once, also through the gateway', async () => {
    const id = make_task();
    const answer = the.neurologist.get(`/api/v1/tasks/${id}?wait=20`);
    await until('somebody waits for the task', async () => is_watched(id));
    the.stack.operate('jobs', 'cancel', id);
    const reply = await answer;
    ck(reply, 200);
    assert.equal(reply.json.state, 'cancelled');
    assert.ok(reply.headers.etag);
  });

  test('a task is there for its owner and for nobody else', async () => {
    const id = make_task();
    ck(await the.neurologist.get(`/api/v1/tasks/${id}`), 200);
    ck(await the.patient.get(`/api/v1/tasks/${id}`), 404);
    ck(await the.patient.delete(`/api/v1/tasks/${id}`), 404);
    assert.match(the.stack.operate('jobs', 'list', '--kind', 'e2e.wait'), new RegExp(`${id} +pending`));
    ck(await the.neurologist.delete(`/api/v1/tasks/${id}`), 204);
    assert.equal((await the.neurologist.get(`/api/v1/tasks/${id}`)).json.state, 'cancelled');
  });

  test('a task that is cancelled can be replayed by the operator', async () => {
    const id = make_task();
    ck(await the.neurologist.delete(`/api/v1/tasks/${id}`), 204);
    the.stack.operate('jobs', 'replay', id);
    assert.equal((await the.neurologist.get(`/api/v1/tasks/${id}`)).json.state, 'pending');
    ck(await the.neurologist.delete(`/api/v1/tasks/${id}`), 204);
  });
}

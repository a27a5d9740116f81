/* Imaging elements: the worked example, changes, lists, what is refused. */

import { test } from 'node:test';
import { assert, ck, ck_problem } from '../check.mjs';

/* 50 values: sum 3315, maximum 98. */
const worked_example = [
  '53 26 98 97 97 97 97 97 97 97',
  '97 97 53 84 47 24 31 75 73 28',
  '50 31 90 74 27 92 35 48 94 27',
  '93 94 70 26 48 25 91 37 57 73',
  '38 89 35 93 59 91 43 33 94 93',
];

export default function elements(the) {
  const near = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-12, `${value} instead of ${expected}`);

  test('the worked example has the known averages, normalised by maximum and by percent', async () => {
    const id = 'worked-example';
    const body = { id, data: worked_example, device_name: 'CT SCAN', raw_data: { id, data: worked_example, deviceName: 'CT SCAN' } };
    const made = await the.neurologist.post('/api/v1/elements', body);
    const element = ck(made, 201);
    assert.equal(made.headers.location, `/api/v1/elements/${id}`);
    assert.equal(element.data_size, 50);
    near(element.average_before, 66.3);
    near(element.average_after, 0.676530612244898);
    assert.equal(element.maximum, 98);

    const percent = ck(await the.neurologist.post('/api/elements/?normalization=percent', { id: 'worked-percent', data: worked_example, deviceName: 'MRI' }), 201);
    near(percent.average_before, 66.3);
    near(percent.average_after, 0.663);
    assert.deepEqual(ck(await the.neurologist.get('/api/elements/worked-percent/'), 200).average_after, percent.average_after);
  });

  test('a bulk of bare elements is created whole or not at all', async () => {
    const bulk = { 1: { id: 'bulk-1', data: ['1 2 3'], deviceName: 'US' }, 2: { id: 'bulk-2', data: ['4 5 6'], deviceName: 'US' } };
    ck(await the.neurologist.post('/api/elements/', bulk), 201);
    ck(await the.neurologist.get('/api/v1/elements/bulk-2'), 200);
    const broken = { 1: { id: 'bulk-3', data: ['1 2 3'], deviceName: 'US' }, 2: { id: 'bulk-4', data: ['4 five 6'], deviceName: 'US' } };
    const why = ck_problem(await the.neurologist.post('/api/elements/', broken), 422);
    assert.match(JSON.stringify(why.errors), /five/);
    ck_problem(await the.neurologist.get('/api/v1/elements/bulk-3'), 404);
  });

  test('elements are listed by their figures and page by page', async () => {
    const ids = async (query) => ck(await the.neurologist.get(`/api/v1/elements?${query}`), 200).items.map((item) => item.id);
    assert.deepEqual((await ids('data_size_gte=50')).sort(), ['worked-example', 'worked-percent']);
    assert.deepEqual((await ids('data_size_lt=50')).sort(), ['bulk-1', 'bulk-2']);
    assert.deepEqual(await ids('average_after_gt=0.67&data_size=50'), ['worked-example']);
    const first = ck(await the.neurologist.get('/api/v1/elements?limit=3'), 200);
    const second = ck(await the.neurologist.get(`/api/v1/elements?limit=3&after=${encodeURIComponent(first.next)}`), 200);
    assert.equal(new Set([...first.items, ...second.items].map((item) => item.id)).size, 4);
  });

  test('an element gets another device and another id, and is deleted', async () => {
    const patch = async (id, body) => {
      const { etag } = (await the.neurologist.get(`/api/v1/elements/${id}`)).headers;
      return the.neurologist.patch(`/api/v1/elements/${id}`, body, { 'If-Match': etag });
    };
    const changed = ck(await patch('bulk-1', { device_name: 'PET' }), 200);
    assert.equal(changed.device_name, 'PET');
    assert.equal(changed.raw_data.deviceName, 'PET');
    ck_problem(await patch('bulk-1', { id: 'bulk-2' }), 409);
    assert.equal(ck(await patch('bulk-1', { id: 'bulk-9' }), 200).id, 'bulk-9');
    ck_problem(await the.neurologist.get('/api/v1/elements/bulk-1'), 404);

    const { etag } = (await the.neurologist.get('/api/v1/elements/bulk-9')).headers;
    ck(await the.neurologist.delete('/api/v1/elements/bulk-9', { 'If-Match': etag }), 204);
    ck_problem(await the.neurologist.get('/api/v1/elements/bulk-9'), 404);
  });

  test('zeroes have no average after, and contradictions are refused', async () => {
    const zero = ck(await the.neurologist.post('/api/v1/elements', { id: 'zero', data: ['0 0 0'], deviceName: 'CT' }), 201);
    assert.equal(zero.average_after, null);
    const contradiction = { id: 'c', data: ['1 2'], device_name: 'A', raw_data: { id: 'c', data: ['1 3'], deviceName: 'A' } };
    ck_problem(await the.neurologist.post('/api/v1/elements', contradiction), 422);
    ck_problem(await the.neurologist.post('/api/v1/elements', { id: 'worked-example', data: ['1'], deviceName: 'CT' }), 409);
  });

  test('250,000 numbers go through the gateway', async () => {
    const line = Array.from({ length: 500 }, (_, i) => i % 100).join(' ');
    const body = { id: 'large', data: Array.from({ length: 500 }, () => line), deviceName: 'CT' };
    const made = ck(await the.neurologist.post('/api/v1/elements', body), 201);
    assert.equal(made.data_size, 250000);
    near(made.average_before, 49.5);
    const read = await the.neurologist.get('/api/v1/elements/large', { 'Accept-Encoding': 'gzip' });
    assert.equal(read.headers['content-encoding'], 'gzip');
    ck(await the.neurologist.delete('/api/v1/elements/large', { 'If-Match': read.headers.etag }), 204);
  });

  test('elements are for healthcare professionals', async () => {
    ck_problem(await the.anyone.get('/api/v1/elements'), 401);
    ck_problem(await the.patient.get('/api/v1/elements'), 403);
    ck_problem(await the.anyone.get('/api/elements/'), 401);
  });
}

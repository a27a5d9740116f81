/* The memory clinic: people, counts, forecasts; canonical and historic paths. */

import { test } from 'node:test';
import { assert, ck, ck_problem, new_name } from '../check.mjs';

const password = 'long-enough-4-everyone';

export default function clinic(the) {
  test('the status counts people by kind and knows the caller', async () => {
    for (const path of ['/status', '/api/v1/status']) {
      const before = ck(await the.anyone.get(path), 200);
      assert.equal(before.users, before.patients + before.healthpros + before.caregivers);
      assert.ok(before.patients >= 120);
      assert.equal(before.current_user, undefined);
      const { current_user } = ck(await the.neurologist.get(path), 200);
      assert.deepEqual([current_user.name, current_user.role, current_user.specialty], ['Dr. Ada Neuro', 'healthpro', 'neurologist']);
    }
  });

  test('anyone creates a caregiver and a patient in care; both count and can log in', async () => {
    const before = ck(await the.anyone.get('/status'), 200);
    const carer = new_name('Cora');
    const cared = new_name('Pia');

    const first = await the.anyone.post('/api/v1/users', { name: carer, status: 'Caregiver', password });
    const caregiver = ck(first, 201);
    assert.equal(caregiver.status, 'caregiver');
    assert.match(caregiver.user_id, /^[0-9a-f]{32}$/);
    assert.equal(first.headers.location, `/api/v1/users/${caregiver.user_id}`);
    assert.doesNotMatch(first.text, new RegExp(password));

    const patient = ck(await the.anyone.post(`/create_user/${encodeURIComponent(cared)}`,
      new URLSearchParams({ status: 'patient', password, age: '71', mmse: '20', caregiver_id: caregiver.user_id })), 201);
    assert.deepEqual([patient.name, patient.age, patient.mmse, patient.caregiver_id], [cared, 71, 20, caregiver.user_id]);

    const now = ck(await the.anyone.get('/status'), 200);
    assert.deepEqual([now.users, now.patients, now.caregivers], [before.users + 2, before.patients + 1, before.caregivers + 1]);

    await the.anyone.login(carer.toUpperCase(), password);
    const list = ck(await the.neurologist.get(`/api/v1/caregivers/${caregiver.user_id}/patients`), 200);
    assert.deepEqual(list.items.map((item) => item.user_id), [patient.user_id]);
  });

  test('the historic creation takes its members from the query and from JSON, too', async () => {
    const by_query = new URLSearchParams({ status: 'patient', password, age: '60', mmse: '12' });
    ck(await the.anyone.post(`/create_user/${encodeURIComponent(new_name('Quentin'))}?${by_query}`), 201);
    ck(await the.anyone.post(`/create_user/${encodeURIComponent(new_name('Jason'))}`, { status: 'PATIENT', password, birth_date: '1950-02-28', mmse: 30 }), 201);
  });

  test('only a healthcare professional creates one', async () => {
    const body = () => ({ name: new_name('Hilda'), status: 'healthpro', specialty: 'psychologist', password });
    ck_problem(await the.anyone.post('/api/v1/users', body()), 401);
    ck_problem(await the.patient.post('/api/v1/users', body()), 403);
    ck_problem(await the.caregiver.post('/api/v1/users', body()), 403);
    const made = ck(await the.neurologist.post('/api/v1/users', body()), 201);
    assert.equal(made.specialty, 'psychologist');
    const other = ck(await the.neurologist.post(`/create_user/${encodeURIComponent(new_name('Olga'))}`, { status: 'healthpro', specialty: 'oncologist', password }), 201);
    assert.equal(other.specialty, 'oncologist');
  });

  test('a taken name, members of another role and bad values are refused one by one', async () => {
    ck_problem(await the.anyone.post('/api/v1/users', { name: 'PAULA patient', status: 'patient', password, age: 70, mmse: 20 }), 409);
    const wrong = ck_problem(await the.anyone.post('/api/v1/users', { name: new_name('Wanda'), status: 'patient', password, age: 131, mmse: 31 }), 422);
    assert.deepEqual(wrong.errors.map((e) => e.pointer).sort(), ['/age', '/mmse']);
    ck_problem(await the.anyone.post('/api/v1/users', { name: new_name('Carla'), status: 'caregiver', password, mmse: 20 }), 422);
    ck_problem(await the.anyone.post('/api/v1/users', { name: new_name('Paul'), status: 'patient', password, age: 70, mmse: 20, caregiver_id: '0'.repeat(32) }), 422);
    ck_problem(await the.anyone.post('/api/v1/users', { name: new_name('Una'), status: 'patient', password, age: 70, mmse: 20, unknown: 1 }), 422);
  });

  test('a person is found by name in any case, by id, and in lists; login required', async () => {
    const path = `/get_user_by_name/${encodeURIComponent('paula PATIENT')}`;
    ck_problem(await the.anyone.get(path), 401);
    const record = ck(await the.neurologist.get(path), 200);
    assert.equal(record.name, 'Paula Patient');
    assert.ok(Number.isInteger(record.age) && Number.isInteger(record.mmse));
    const by_id = ck(await the.neurologist.get(`/api/v1/users/${record.user_id}`), 200);
    assert.deepEqual(by_id, record);
    const { items } = ck(await the.neurologist.get('/api/v1/users?name=paula%20patient'), 200);
    assert.deepEqual(items.map((item) => item.user_id), [record.user_id]);
    ck_problem(await the.neurologist.get(`/get_user_by_name/${encodeURIComponent(new_name('Nobody'))}`), 404);
  });

  test('a list is walked page by page, each person once', async () => {
    const seen = new Set();
    let after = '';
    for (let pages = 0; pages < 20; pages++) {
      const page = ck(await the.neurologist.get(`/api/v1/users?status=healthpro&limit=7${after}`), 200);
      for (const item of page.items) {
        assert.equal(item.status, 'healthpro');
        assert.ok(!seen.has(item.user_id));
        seen.add(item.user_id);
      }
      if (!page.next) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    const { healthpros } = ck(await the.anyone.get('/status'), 200);
    assert.equal(seen.size, healthpros);
  });

  test('a record is changed and deleted with its current version only', async () => {
    const name = new_name('Vera');
    const made = ck(await the.anyone.post('/api/v1/users', { name, status: 'patient', password, age: 80, mmse: 15 }), 201);
    const path = `/api/v1/users/${made.user_id}`;
    const { etag } = (await the.neurologist.get(path)).headers;
    ck_problem(await the.neurologist.patch(path, { mmse: 16 }), 428);
    ck_problem(await the.anyone.patch(path, { mmse: 16 }, { 'If-Match': etag }), 401);
    ck_problem(await the.patient.patch(path, { mmse: 16 }, { 'If-Match': etag }), 403);
    assert.equal(ck(await the.neurologist.patch(path, { mmse: 16 }, { 'If-Match': etag }), 200).mmse, 16);
    ck_problem(await the.neurologist.patch(path, { mmse: 17 }, { 'If-Match': etag }), 412);

    // A gateway that compressed the record has weakened its ETag; the client need not know.
    const weak = `W/${(await the.neurologist.get(path)).headers.etag}`;
    assert.equal(ck(await the.neurologist.patch(path, { mmse: 18 }, { 'If-Match': weak }), 200).mmse, 18);

    const last = (await the.neurologist.get(path)).headers.etag;
    ck(await the.neurologist.get(path, { 'If-None-Match': last }), 304);
    ck(await the.neurologist.delete(path, { 'If-Match': last }), 204);
    ck_problem(await the.neurologist.get(path), 404);
    ck_problem(await the.anyone.post('/login', { name, password }), 401);
  });

  test('the patient sees earlier versions of a record and their authors, too', async () => {
    const name = new_name('Hester');
    const made = ck(await the.anyone.post('/api/v1/users', { name, status: 'patient', password, age: 80, mmse: 15 }), 201);
    const path = `/api/v1/users/${made.user_id}`;
    const patient = await the.anyone.login(name, password);
    const { current_user } = ck(await the.neurologist.get('/api/v1/status'), 200);
    ck(await the.neurologist.patch(path, { mmse: 16 }, { 'If-Match': '"1"' }), 200);

    const { items } = ck(await patient.get(`${path}/history`), 200);
    assert.deepEqual(items.map((v) => [v.version, v.kind, v.mmse, v.changed_by, v.changed_by_role]),
      [[2, 'changed', 16, current_user.id, 'healthpro'], [1, 'created', 15, made.user_id, 'patient']]);
    const then = await patient.get(`${path}?as_of=${items[1].valid_from}`);
    assert.deepEqual([ck(then, 200).mmse, then.headers.etag], [15, '"1"']);
    ck_problem(await patient.get(`${path}?as_of=2001-01-01T00:00:00Z`), 404);
    ck_problem(await the.patient.get(`${path}/history`), 404);
  });

  test('counts move with the patients, on both paths', async () => {
    const count = async (path) => ck(await the.neurologist.get(path), 200).count;
    ck_problem(await the.anyone.get('/count_over/20'), 401);
    const paths = ['/count_over/20', '/api/v1/mmse/count?over=20', '/count_under/22', '/api/v1/mmse/count?under=22',
      '/count_over/20?min_age=101&max_age=101', '/api/v1/mmse/count?over=21'];
    const before = [];
    for (const path of paths) before.push(await count(path));
    assert.equal(before[0], before[1]);
    assert.equal(before[2], before[3]);
    ck(await the.anyone.post('/api/v1/users', { name: new_name('Methuselah'), status: 'patient', password, age: 101, mmse: 21 }), 201);
    const now = [];
    for (const path of paths) now.push(await count(path));
    assert.deepEqual(now.map((n, i) => n - before[i]), [1, 1, 1, 1, 1, 0]);

    assert.equal(await count('/count_under/0'), 0);
    ck_problem(await the.neurologist.get('/count_over/31'), 422);
    ck_problem(await the.neurologist.get('/count_over/10?min_age=50&max_age=40'), 422);
    const all = ck(await the.anyone.get('/status'), 200).patients;
    assert.equal((await count('/count_over/15')) + (await count('/count_under/16')), all);
  });

  test('the distribution adds up to the patients, with and without age bands', async () => {
    const { patients } = ck(await the.anyone.get('/status'), 200);
    const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
    for (const [query, bands] of [['', 1], ['?by=age_band', 2]]) {
      const { series } = ck(await the.neurologist.get(`/api/v1/mmse/distribution${query}`), 200);
      assert.ok(series.length >= bands);
      for (const row of series) {
        assert.equal(row.counts.length, 31);
        assert.equal(sum(row.counts), row.patients);
      }
      assert.equal(sum(series.map((row) => row.patients)), patients);
    }
  });

  test('a neurologist asks for a forecast; others may not', async () => {
    const make = async (age, mmse) => {
      const name = new_name('Fora');
      const record = ck(await the.anyone.post('/api/v1/users', { name, status: 'patient', password, age, mmse }), 201);
      return { name, id: record.user_id };
    };
    for (const [age, mmse, expected] of [[50, 10, 15], [51, 10, 13], [40, 27, 30], [80, 28, 30]]) {
      const { name, id } = await make(age, mmse);
      for (const path of [`/predict_patient/${encodeURIComponent(name)}`, `/api/v1/mmse/predictions/${id}`]) {
        const answer = ck(await the.neurologist.get(path), 200);
        const { patient_id, predicted_mmse, model, inputs } = answer;
        assert.deepEqual([patient_id, predicted_mmse, model, inputs.mmse, inputs.age], [id, expected, 'rule-v1', mmse, age]);
        ck_problem(await the.anyone.get(path), 401);
        ck_problem(await the.patient.get(path), 403);
        ck_problem(await the.caregiver.get(path), 403);
      }
    }
    ck_problem(await the.neurologist.get(`/predict_patient/${encodeURIComponent(new_name('Nobody'))}`), 404);
    ck_problem(await the.neurologist.get(`/predict_patient/${encodeURIComponent('Carl Caregiver')}`), 422);
  });

  test('scores are followed over time, and drawn', async () => {
    const { user_id } = ck(await the.anyone.post('/api/v1/users', { name: new_name('Tilda'), status: 'patient', password, age: 74, mmse: 21, schooling_years: 9 }), 201);
    const scores = `/api/v1/patients/${user_id}/assessments`;
    for (const [assessed_on, mmse] of [['2021-05-04', 27], ['2022-06-01', 26], ['2023-05-15', 24]]) {
      const made = ck(await the.neurologist.post(scores, { assessed_on, mmse }), 201);
      assert.equal(made.loinc, '72106-8');
    }
    const list = ck(await the.neurologist.get(scores), 200);
    assert.deepEqual(list.items.map((item) => item.mmse), [21, 24, 26, 27]);
    const person = ck(await the.neurologist.get(`/api/v1/users/${user_id}`), 200);
    assert.equal(person.mmse, 21);

    const trend = ck(await the.neurologist.get(`/api/v1/patients/${user_id}/mmse/trend`), 200);
    assert.equal(trend.since_first.change, -6);
    assert.equal(trend.since_first.within_measurement_error, false);
    assert.ok(trend.slope.high < 0);
    const drawn = await the.neurologist.get(`/api/v1/patients/${user_id}/mmse/trend`, { accept: 'image/svg+xml' });
    assert.equal(drawn.status, 200);
    assert.equal(drawn.headers['content-type'], 'image/svg+xml');
    assert.match(drawn.text, /<svg .*<\/svg>\s*$/s);
    ck_problem(await the.patient.get(scores), 404);
  });

  test('a table of scores is checked and written as checked, and changes nothing twice', async () => {
    const name = new_name('Tabea');
    const { user_id } = ck(await the.anyone.post('/api/v1/users', { name, status: 'patient', password, age: 74, mmse: 21 }), 201);
    const table = `patient,date,score,note\r\n${user_id},2021-05-04,27,"Tired, late"\r\n${name},2022-06-01,26,\r\n`;
    const send = (file, query = '', who = the.neurologist) => {
      const body = `--scores\r\nContent-Disposition: form-data; name="file"; filename="scores.csv"\r\n\r\n${file}\r\n--scores--\r\n`;
      return who.post(`/api/v1/assessment-imports${query}`, body, { 'Content-Type': 'multipart/form-data; boundary=scores' });
    };
    const checked = ck(await send(table), 200);
    assert.deepEqual([checked.dry_run, checked.to_create], [true, 2]);
    const write = `?dry_run=false&digest=${checked.digest}`;
    ck_problem(await send(table.replace('27', '28'), write), 409);
    ck_problem(await send(table, write, the.caregiver), 403);
    assert.equal(ck(await send(table, write), 200).to_create, 2);
    assert.deepEqual(ck(await the.neurologist.get(`/api/v1/patients/${user_id}/assessments`), 200).items.map((item) => item.mmse), [21, 26, 27]);
    assert.equal(ck(await send(table), 200).unchanged, 2);
  });
}

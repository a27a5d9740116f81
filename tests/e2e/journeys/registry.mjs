/* The tumour registry: a record in one piece, another one step by step, its treatments, and who is kept out. */

import { test } from 'node:test';
import { assert, ck, ck_problem, hidden_word, new_name } from '../check.mjs';

const password = 'seven quiet harbour lamps';
const pointers = (reply) => ck_problem(reply, 422).errors.map((e) => e.pointer).sort();

export default function registry(the) {
  const last_name = new_name(hidden_word).replace(' ', '-');

  test('a record is made, found, corrected and seen as it was', async () => {
    const made = await the.neurologist.post('/api/v1/tumours', {
      first_name: 'Marela', last_name, birth_date: '1950-03-01', operation_date: '2015-03-01', weight_kg: 72.5,
      height_cm: 168, pt: 'T3', pn: 'N1', uicc: '3b',
    });
    const tumour = ck(made, 201);
    assert.deepEqual([tumour.age_at_operation, tumour.bmi, tumour.bmi_class, tumour.cea], [65, 25.69, 'over', 'not_determined']);
    assert.deepEqual(pointers(await the.neurologist.patch(made.headers.location, { uicc: '2a' }, { 'If-Match': made.headers.etag })),
      ['/pn', '/pt', '/uicc', '/uicc']);
    const changed = await the.neurologist.patch(made.headers.location, { grading: 'G3' }, { 'If-Match': made.headers.etag });
    assert.equal(ck(changed, 200).grading, 'G3');
    ck_problem(await the.neurologist.patch(made.headers.location, { grading: 'G1' }, { 'If-Match': made.headers.etag }), 412);

    const found = ck(await the.neurologist.get(`/api/v1/tumours?name=mar+${last_name}&pt=T3&grading=G3&order=-operation_date`), 200);
    assert.deepEqual(found.items.map((item) => item.tumour_id), [tumour.tumour_id]);
    const versions = ck(await the.neurologist.get(`${made.headers.location}/history`), 200).items;
    assert.deepEqual(versions.map((v) => v.grading), ['G3', 'unknown']);
    const before = ck(await the.neurologist.get(`${made.headers.location}?as_of=${versions[1].valid_from}`), 200);
    assert.equal(before.grading, 'unknown');
  });

  test('a record is entered in three steps, and nobody else sees the draft', async () => {
    const made = await the.neurologist.post('/api/v1/tumour-drafts');
    const path = made.headers.location;
    let { etag } = made.headers;
    ck(made, 201);
    const step = async (name, body) => {
      const saved = await the.neurologist.put(`${path}/${name}`, body, { 'If-Match': etag });
      if (saved.status === 200) ({ etag } = saved.headers);
      return saved;
    };
    ck(await step('personal', { first_name: 'Step', last_name, operation_date: '2015-03-01' }), 200);
    assert.deepEqual(pointers(await step('tumour', { overall_survival_months: 900 })), ['/operation_date', '/overall_survival_months']);
    ck(await step('tumour', { overall_survival_months: 24, vital_status: 'dead', treatment: 'none' }), 200);
    assert.deepEqual(pointers(await the.neurologist.post(`${path}/submit`)), ['/medical_history']);
    ck_problem(await the.caregiver.get(path), 403);
    assert.equal(ck(await step('medical-history', { cardiac_disease: 'yes' }), 200).complete, true);
    const key = { 'Idempotency-Key': `draft-${path.split('/').pop()}` };
    const tumour = ck(await the.neurologist.post(`${path}/submit`, undefined, key), 201);
    assert.equal(ck(await the.neurologist.post(`${path}/submit`, undefined, key), 201).tumour_id, tumour.tumour_id);
    ck_problem(await the.neurologist.get(path), 404);
    assert.equal(ck(await the.neurologist.get(`/api/v1/tumours/${tumour.tumour_id}`), 200).treatment, 'none');
  });

  test('an administrator adds a treatment, a doctor gives it, and a slip removes nothing', async () => {
    const name = new_name('Sabine');
    the.stack.create_superuser(name, password);
    const sabine = await the.anyone.login(name, password);
    const code = `trial-${Date.now().toString(36)}`;
    ck(await sabine.post('/api/v1/treatments', { code, label: 'A trial' }), 201);
    const made = await the.neurologist.post('/api/v1/tumours', { first_name: 'Treated', last_name });
    const path = `${made.headers.location}/treatments`;
    const set = await the.neurologist.put(path, { treatments: [
      { treatment: 'folfox_or_xelox', treated_from: '2015-05-01', treated_until: '2015-10-31' },
      { treatment: code, treated_from: '2015-11-01' },
    ] }, { 'If-Match': ck(made, 201) && made.headers.etag });
    assert.equal(ck(set, 200).treatments.length, 2);
    assert.equal(ck(await the.neurologist.get(`/api/v1/tumours?treatment=${code}`), 200).items.length, 1);
    ck(await the.neurologist.delete(path, { 'If-Match': set.headers.etag }), 204);
    assert.equal(ck(await the.neurologist.get(made.headers.location), 200).treatment, null);

    const remove = (who, confirmation) => who.request('DELETE', '/api/v1/tumours', { confirmation });
    ck_problem(await remove(the.neurologist, 'delete all tumours'), 403);
    assert.deepEqual(pointers(await remove(sabine, 'yes')), ['/confirmation']);
    ck(await the.neurologist.get(made.headers.location), 200);
  });

  test('a spreadsheet is checked, corrected, committed and exported and changes no more', async () => {
    const number = Date.now().toString(36);
    const table = (gender) => `Patientennummer;Vorname;Nachname;Geschlecht;Geburtsdatum;OP-Datum;Gewicht (kg);T;N;UICC;Chemotherapie\r\n`
      + Array.from({ length: 300 }, (_, i) => `${number}-${i};Import;${last_name};${i ? 1 : gender};03.02.1950;01.03.2015;72,5;3;2;6;2\r\n`).join('');
    const send = (file, fields = {}) => {
      const part = (head, body) => `--tables\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
      const body = Object.entries(fields).map(([name, value]) => part(`name="${name}"`, value)).join('')
        + part('name="file"; filename="tumours.csv"', file) + '--tables--\r\n';
      return the.neurologist.post('/api/v1/tumour-imports', body, { 'Content-Type': 'multipart/form-data; boundary=tables' });
    };
    const counts = (reply, status) => (({ to_create, to_change, unchanged, wrong_rows }) => [to_create, to_change, unchanged, wrong_rows])(ck(reply, status));

    const wrong = await send(table(7));
    assert.deepEqual(counts(wrong, 201), [299, 0, 0, 1]);
    const { items: [error] } = ck(await the.neurologist.get(`${wrong.headers.location}/errors`), 200);
    assert.deepEqual([error.line, error.heading, error.value], [2, 'Geschlecht', '7']);
    ck_problem(await the.neurologist.post(`${wrong.headers.location}/commit`, {}), 409);

    const right = await send(table(2));
    assert.deepEqual(counts(right, 201), [300, 0, 0, 0]);
    for (let again = 0; again < 2; again++)
      assert.equal(ck(await the.neurologist.post(`${right.headers.location}/commit`, {}), 200).state, 'committed');
    assert.deepEqual(counts(await send(table(2)), 201), [0, 0, 300, 0]);

    const exported = await the.neurologist.get(`/api/v1/tumour-export?format=csv&uicc=3b&name=import+${last_name}`);
    assert.equal(exported.status, 200);
    assert.equal(exported.text.trimEnd().split('\r\n').length, 301);
    assert.deepEqual(counts(await send(exported.text, { legend: 'mnemos' }), 201), [0, 0, 300, 0]);
  });

  test('a file is refused from somebody who may not send it, and beyond the size limit', async () => {
    const large = Buffer.alloc(4 * 1024 * 1024, 'a');
    ck_problem(await the.anyone.post('/api/v1/tumour-imports', large, { 'Content-Type': 'text/csv' }), 401);
    ck_problem(await the.caregiver.post('/api/v1/tumour-imports', large, { 'Content-Type': 'text/csv' }), 403);
    ck_problem(await the.neurologist.post('/api/v1/tumour-imports', large, { 'Content-Type': 'image/png' }), 415);
    ck_problem(await the.neurologist.post('/api/v1/tumour-imports', Buffer.alloc(66 * 1024 * 1024, 'a'), { 'Content-Type': 'text/csv' }), 413);
  });

  test('patients, caregivers and the anonymous are kept out', async () => {
    for (const path of ['/api/v1/tumours', '/api/v1/treatments', '/api/v1/tumour-drafts']) {
      ck_problem(await the.anyone.get(path), 401);
      ck_problem(await the.patient.get(path), 403);
      ck_problem(await the.caregiver.get(path), 403);
    }
  });
}

/* Comparing treatments: for a patient of the demo population's registry, for a profile, in a table of one's own. */

import { test } from 'node:test';
import { assert, ck, ck_problem, hidden_word, new_name } from '../check.mjs';

const path = '/api/v1/treatment-comparisons';
const password = 'seven quiet harbour lamps';
const profile = { gender: 'female', age_at_operation: 66, uicc: '3b', grading: 'G2', preexisting_disease: 'no' };

/* Sixty patients of two drugs, one of them better. */
const table = ['months,died,drug,age', ...Array.from({ length: 60 }, (_, i) =>
  `${3 + (i * 7) % 40 + (i % 2) * 9},${i % 5 ? 1 : 0},${i % 2 ? 'new' : 'old'},${40 + (i * 13) % 40}`)].join('\n');

export default function comparisons(the) {
  test('a doctor compares treatments, sees curves and decides; the patient is treated', async () => {
    const last_name = new_name(hidden_word).replace(' ', '-');
    const tumour = ck(await the.neurologist.post('/api/v1/tumours', { first_name: 'Compared', last_name, ...profile, pt: 'T3', pn: 'N1' }), 201);
    const made = await the.neurologist.post(path, { tumour_id: tumour.tumour_id, outcome: 'death', horizon: 48 });
    const { answer, cohort, verdict } = ck(made, 201);
    assert.ok(cohort.compared >= 280, `only ${cohort.compared} were compared`);
    assert.ok(['recommended', 'insufficient_evidence'].includes(verdict));
    const [none, folfox] = ['none', 'folfox_or_xelox'].map((arm) => answer.arms.find((a) => a.arm === arm));
    assert.equal(answer.diagnostics.weighting, 'done', answer.diagnostics.sentence);
    assert.ok(folfox.adjusted.restricted_mean.mean > none.adjusted.restricted_mean.mean, 'the effect that was built in is not seen');
    const own = answer.predictions.find((p) => p.arm === 'folfox_or_xelox');
    assert.equal(own.state, 'done', own.sentence);

    assert.equal((await the.neurologist.get(made.headers.location)).text, made.text);
    for (const type of ['image/svg+xml', 'image/png', 'application/pdf']) {
      const drawn = await the.neurologist.get(`${made.headers.location}?curves=adjusted`, { Accept: type });
      assert.deepEqual([drawn.status, drawn.headers['content-type']], [200, type]);
      if (type === 'image/svg+xml') assert.match(drawn.text, /FOLFOX/);
    }
    ck_problem(await the.neurologist.get(made.headers.location, { Accept: 'image/gif' }), 406);

    const decision = { decision: 'accepted', treatment: 'folfox_or_xelox', reason: 'The longest life among patients alike.' };
    ck_problem(await the.neurologist.put(`${made.headers.location}/decision`, decision), 428);
    const decided = await the.neurologist.put(`${made.headers.location}/decision`, decision, { 'If-Match': made.headers.etag });
    assert.equal(ck(decided, 200).decision.decision, 'accepted');
    assert.equal(ck(await the.neurologist.get(`/api/v1/tumours/${tumour.tumour_id}`), 200).treatment, 'folfox_or_xelox');
    const listed = ck(await the.neurologist.get(`${path}?tumour_id=${tumour.tumour_id}`), 200).items;
    assert.deepEqual(listed.map((c) => c.decision?.treatment), ['folfox_or_xelox']);
    ck(await the.neurologist.delete(made.headers.location, { 'If-Match': decided.headers.etag }), 204);
  });

  test('a researcher asks what if, and meets no patient', async () => {
    const [name, admin] = [new_name('Rosa'), new_name('Olga')];
    the.stack.create_superuser(admin, password);
    ck(await (await the.anyone.login(admin, password)).post('/api/v1/researchers', { name, password }), 201);
    const researcher = await the.anyone.login(name, password);
    const asked = { profile, outcome: 'progression', cohort: { rule: 'nearest', k: 150, criteria: ['age_at_operation', 'uicc'] } };
    const made = await researcher.post(path, asked);
    assert.equal(ck(made, 201).cohort.compared, 150);
    assert.equal(made.json.request.cohort.rule, 'nearest');
    ck_problem(await the.neurologist.get(made.headers.location), 404);
    ck_problem(await researcher.get('/api/v1/tumours'), 403);
    const historic = ck(await researcher.post(path, { ...asked, cohort: { rule: 'any' } }), 201);
    assert.ok(historic.cohort.compared > 280);
    ck_problem(await researcher.post(path, { ...asked, covariates: ['side_effects'] }), 422);
  });

  test('a table of one\'s own is compared, and drawn', async () => {
    const query = '/api/v1/survival-analyses?time=months&event=died&treatment=drug&covariates=age&unit=months&times=12,24';
    const answered = ck(await the.neurologist.post(query, table, { 'Content-Type': 'text/csv' }), 200);
    assert.deepEqual(answered.answer.arms.map((a) => [a.arm, a.patients]), [['new', 30], ['old', 30]]);
    const drawn = await the.neurologist.post(query, table, { 'Content-Type': 'text/csv', Accept: 'image/svg+xml' });
    assert.equal(drawn.status, 200);
    assert.match(drawn.text, /<svg/);
    ck_problem(await the.neurologist.post(query, 'months,died\n1,1\n', { 'Content-Type': 'text/csv' }), 422);
  });

  test('patients, caregivers and the anonymous compare nothing', async () => {
    for (const who of [the.patient, the.caregiver]) ck_problem(await who.post(path, { profile, outcome: 'death' }), 403);
    ck_problem(await the.anyone.post(path, { profile, outcome: 'death' }), 401);
  });
}

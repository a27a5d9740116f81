/* A second factor from the first QR code to the lost telephone. */

import { createHmac, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { assert, ck, ck_problem } from '../check.mjs';

/* What an authenticator app shows (RFC 6238), so many steps of 30 seconds from now. */
export function code_of(secret, steps = 0) {
  const bits = [...secret].map((digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const hash = createHmac('sha1', key).update(step).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, '0');
}

export default function second_factor(the) {
  test('a second factor is set up, asked for, lost, and reset by an administrator', async () => {
    const name = `Tamsin Token ${randomUUID().slice(0, 8)}`;
    const password = 'eleven patient lanterns';
    const person = ck(await the.anyone.post('/api/v1/users', { name, status: 'caregiver', password }), 201);
    const tamsin = await the.anyone.login(name, password);
    const enrolment = ck(await tamsin.post('/api/v1/auth/second-factor', { password }), 200);
    assert.match(enrolment.otpauth_uri, /^otpauth:\/\/totp\/Mnemos:Tamsin%20Token%20/);
    const confirmed = ck(await tamsin.post('/api/v1/auth/second-factor/confirm', { code: code_of(enrolment.secret) }), 200);
    assert.equal(confirmed.recovery_codes.length, 10);

    const asked = ck_problem(await the.anyone.post('/api/v1/auth/login', { name, password }), 401);
    assert.equal(asked.type, '/problems/second-factor-required');
    const code = code_of(enrolment.secret, 1); // that of now has confirmed, and is used
    ck(await the.anyone.post('/login', new URLSearchParams({ name, password, code })), 200);
    ck_problem(await the.anyone.post('/api/v1/auth/login', { name, password, code }), 401);
    const lost = ck(await the.anyone.post('/api/v1/auth/login', { name, password, code: confirmed.recovery_codes[4].toLowerCase() }), 200);
    const state = ck(await tamsin.get('/api/v1/auth/second-factor'), 200);
    assert.deepEqual([state.state, state.recovery_codes_left], ['active', 9]);

    the.stack.create_superuser('Rita Reset', 'nine careful wardens');
    const rita = await the.anyone.login('Rita Reset', 'nine careful wardens');
    ck(await rita.delete(`/api/v1/accounts/${person.user_id}/second-factor`), 204);
    ck_problem(await the.anyone.post('/api/v1/auth/refresh', { refresh_token: lost.refresh_token }), 401);
    ck(await the.anyone.post('/api/v1/auth/login', { name, password }), 200);
  });
}

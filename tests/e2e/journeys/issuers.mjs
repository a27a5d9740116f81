/* Getting in with the token of another issuer: a small one of the test's own. */

import { createSign, generateKeyPairSync } from 'node:crypto';
import * as http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { assert, ck, ck_problem, new_name } from '../check.mjs';

const name = 'https://id.clinic.example/realms/clinic';

/* Serves its public keys; signs with the newest. */
class Issuer {
  keys = [];

  make_key() {
    this.keys.push({ id: `key-${this.keys.length + 1}`, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) });
  }

  async start() {
    this.make_key();
    this.server = http.createServer((request, reply) => {
      const keys = this.keys.map((k) => ({ ...k.publicKey.export({ format: 'jwk' }), kid: k.id, use: 'sig', alg: 'RS256' }));
      reply.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ keys }));
    });
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
  }

  get settings() {
    return {
      EXTERNAL_ISSUERS: JSON.stringify({
        issuers: [{
          name: 'clinic', issuer: name, audience: 'mnemos', algorithms: ['RS256'],
          key_set_url: `http://127.0.0.1:${this.server.address().port}/certs`,
          role_claim: ['realm_access', 'roles'], name_claim: 'name', provision: true,
          roles: [{ value: 'neurologist', role: 'healthpro', specialty: 'neurologist' }],
        }],
      }),
    };
  }

  token(claims) {
    const key = this.keys.at(-1);
    const now = Math.floor(Date.now() / 1000);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: key.id })}.${part({ iss: name, aud: 'mnemos', iat: now, exp: now + 60, ...claims })}`;
    return `${signed}.${createSign('sha256').update(signed).sign(key.privateKey, 'base64url')}`;
  }
}

export default function issuers(the) {
  describe('with an issuer outside', () => {
    const issuer = new Issuer();
    const exchange = (claims) => the.anyone.post('/api/v1/auth/exchange', { subject_token: issuer.token(claims) });

    before(async () => {
      await issuer.start();
      await the.stack.processes.auth.stop();
      await the.stack.restart('auth', issuer.settings);
    });
    after(async () => {
      await the.stack.processes.auth.stop();
      await the.stack.restart('auth');
      issuer.server.close();
      issuer.server.closeAllConnections();
    });

    test('people with a role there work here without another password', async () => {
      const person = { sub: 'ada', name: new_name('Outside'), realm_access: { roles: ['neurologist'] } };
      const entered = ck(await exchange(person), 200);
      assert.equal(entered.account.name, person.name);
      const doctor = the.anyone.as({ Authorization: `Bearer ${entered.access_token}` });
      ck(await doctor.get('/api/v1/users?limit=1'), 200);
      ck(await the.anyone.post('/api/v1/auth/refresh', { refresh_token: entered.refresh_token }), 200);
      assert.equal(ck(await exchange(person), 200).account.id, entered.account.id);
    });

    test('people without a role, or with the name of somebody else, stay outside', async () => {
      ck_problem(await exchange({ sub: 'eve', name: new_name('Eve') }), 401);
      ck_problem(await exchange({ sub: 'eve', name: 'Dr. Ada Neuro', realm_access: { roles: ['neurologist'] } }), 409);
    });
  });
}

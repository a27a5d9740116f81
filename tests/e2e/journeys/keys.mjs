/* Signing keys are rotated while everybody works. */

import { test } from 'node:test';
import { assert, ck, ck_problem } from '../check.mjs';
import { Client } from '../client.mjs';
import { sleep, test_max, until } from '../stack.mjs';

const part_of = (token, index) => JSON.parse(Buffer.from(token.split('.')[index], 'base64url'));
const key_of = (token) => part_of(token, 0).kid;
const asked = ['/api/v1/auth/me', '/api/v1/users', '/count_over/10', '/api/v1/elements'];

export default function keys(the) {
  test('two rotations of keys under load, with two replicas of auth, fail no request', { timeout: test_max }, async () => {
    const replica = new Client(await the.stack.start_replica('auth', 'auth-2'));
    const entrances = [the.anyone, replica];
    const wrong = [];
    const seen = entrances.map(() => new Map());        // key id to the last token signed with it, for each replica
    const used_from = new Map();                        // key id to the time of the first token signed with it, in s
    let logins = 0;
    let going = true;

    async function ck_good(client, path) {
      const reply = await client.get(path);
      if (reply.status !== 200) wrong.push(`${path} ${reply.status} ${reply.text.slice(0, 200)}`);
    }
    async function work(entrance, index) {
      while (going) {
        const reply = await entrance.post('/api/v1/auth/login', { name: 'Dr. Ada Neuro', password: the.password });
        if (reply.status !== 200) {
          wrong.push(`login ${reply.status} ${reply.text.slice(0, 200)}`);
          continue;
        }
        logins++;
        const token = reply.json.access_token;
        const headers = { Authorization: `Bearer ${token}` };
        seen[index].set(key_of(token), token);
        used_from.set(key_of(token), Math.min(used_from.get(key_of(token)) ?? Infinity, part_of(token, 1).iat));
        await Promise.all([...asked.map((path) => ck_good(the.anyone.as(headers), path)), ck_good(replica.as(headers), '/api/v1/auth/me')]);
        for (const earlier of seen.flatMap((m) => [...m.values()]))
          await ck_good(the.anyone.as({ Authorization: `Bearer ${earlier}` }), '/count_over/10');
        await sleep(10);
      }
    }

    const load = entrances.map(work);
    const published = async (id) => ck(await the.anyone.get('/.well-known/jwks.json'), 200).keys.some((key) => key.kid === id);
    const rotated = [];
    try {
      await until('both replicas have signed', () => seen.every((m) => m.size === 1));
      for (let round = 0; round < 2; round++) {
        const id = the.stack.operate('rotate-keys', '--after', '2').split(' ')[0];
        assert.ok(await published(id));
        await until('both replicas sign with the new key', () => seen.every((m) => m.has(id)));
        const published_at = Number(the.stack.psql(the.stack.database, `SELECT extract(epoch FROM created_at) FROM auth.signing_key WHERE id = '${id}'`));
        assert.ok(used_from.get(id) > published_at, `published at ${published_at} and used at ${used_from.get(id)} already`);
        rotated.push(id);
      }
    } finally {
      going = false;
      await Promise.all(load);
      await the.stack.processes['auth-2'].stop();
    }
    assert.deepEqual([...new Set(wrong)], []);
    assert.ok(logins > 10, `${logins} logins`);

    /* A retired key takes its tokens along, and those only. */
    const [first] = [...seen[0].keys()];
    const with_key = (id) => the.anyone.as({ Authorization: `Bearer ${seen[0].get(id)}` });
    the.stack.operate('rotate-keys', '--retire', first);
    for (const path of asked) {
      let reply;
      await until(`${path} refuses the retired key`, async () => (reply = await with_key(first).get(path)).status === 401);
      ck_problem(reply, 401);
      for (const id of rotated) ck(await with_key(id).get(path), 200);
    }
    assert.ok(!(await published(first)));

    /* The tokens that the journeys share were signed with the first one. */
    the.neurologist = await the.anyone.login('Dr. Ada Neuro', the.password);
    the.caregiver = await the.anyone.login('Carl Caregiver', the.password);
    the.patient = await the.anyone.login('Paula Patient', the.password);
  });
}

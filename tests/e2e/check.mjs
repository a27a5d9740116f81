/* What the journeys keep asserting. */

import assert from 'node:assert/strict';

export { assert };

export function ck(reply, status) {
  assert.equal(reply.status, status, `${reply.status} instead of ${status}: ${reply.text.slice(0, 500)}`);
  return reply.json;
}

/* An RFC 9457 document whose request id is the header's. */
export function ck_problem(reply, status) {
  ck(reply, status);
  assert.match(reply.headers['content-type'] ?? '', /^application\/problem\+json/);
  for (const member of ['type', 'title']) assert.equal(typeof reply.json[member], 'string', `${member}: ${reply.text}`);
  assert.ok(reply.json.detail || reply.json.errors?.length, `it says nothing about this request: ${reply.text}`);
  assert.equal(reply.json.status, status);
  assert.equal(reply.json.request_id, reply.headers['x-request-id']);
  return reply.json;
}

export const from_gateway = (reply) => reply.json?.detail?.startsWith('There is nothing at this address') === true;

let made = 0;

/* A name nobody has; letters only, so that it also looks like a name in a log. */
export function new_name(first) {
  const letters = (++made).toString(26).replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 26)));
  return `${first} Ofthejourney${letters}`;
}

export const hidden_word = 'Ofthejourney';

/* Safe to repeat: a creating POST with an Idempotency-Key happens once, however often it is sent within 24 hours.
 *
 * One transaction holds all of it: the key is claimed, the handler creates, the answer is kept, COMMIT. So both the
 * record and its answer are there or neither is, whenever the service or the database is killed, and a request that
 * died or was refused leaves its key free. The claim is a lock that is tried and never waited for.
 *
 * A key belongs to the account and the service that it was sent to. Anonymous callers share one space of keys per
 * route, so their keys should be random; only a request with the same body, password included, gets the answer.
 *
 * Bodies are not kept. The same request is recognised by a hash whose key is derived from the Idempotency-Key, of which
 * in turn only a hash is stored: the table is of no use for guessing passwords. Answers are kept as they were given, so
 * a route whose answer holds a secret (SHOWN_ONCE) does not come through here. */
#pragma once

#include "common/http/reply.h"

enum { IDEMPOTENCY_KEY_MAX = 200 };

/* The handler's answer, or the one it gave the first time. CONFLICT while the first is being worked on, INVALID for a
 * malformed key or one that was used for another request. */
enum status idempotency_run(struct request *rq, enum status (*handler)(struct request *rq));

#include "common/http/idempotency.h"

#include <sodium.h>
#include <string.h>

enum { HASH_SIZE = crypto_generichash_BYTES };

/* Hashes of caller and key, and of the request that came with it; hexadecimal. */
struct sent_key {
    char scope[2 * HASH_SIZE + 1], fingerprint[2 * HASH_SIZE + 1];
};

struct kept_reply {
    const char *state; /* what shared.answer_claim found */
    struct maybe_integer http_status;
    const char *content_type, *location, *etag, *body;
};
LOCAL_SCHEMA(kept_reply_schema, "KeptReply", struct kept_reply, FIELD_TEXT(struct kept_reply, state),
             FIELD_INTEGER(struct kept_reply, http_status), FIELD_TEXT(struct kept_reply, content_type),
             FIELD_TEXT(struct kept_reply, location), FIELD_TEXT(struct kept_reply, etag),
             FIELD_TEXT(struct kept_reply, body));

static enum status check_key(struct request *rq)
{
    size_t visible = 0;
    while (rq->idempotency_key[visible] > ' ' && rq->idempotency_key[visible] <= '~')
        visible++;
    if (visible >= 1 && visible <= IDEMPOTENCY_KEY_MAX && rq->idempotency_key[visible] == '\0')
        return OK;
    return fail(&rq->problem, INVALID, "Idempotency-Key", "must have 1 to %d visible ASCII characters",
                IDEMPOTENCY_KEY_MAX);
}

/* With its end, so that "ab", "c" is not "a", "bc". */
static void add_text(crypto_generichash_state *hash, const char *text)
{
    if (text)
        crypto_generichash_update(hash, (const unsigned char *)text, strlen(text));
    crypto_generichash_update(hash, (const unsigned char *)"", 1);
}

static void finish(crypto_generichash_state *hash, char out[2 * HASH_SIZE + 1])
{
    unsigned char bytes[HASH_SIZE];
    crypto_generichash_final(hash, bytes, sizeof bytes);
    sodium_bin2hex(out, 2 * HASH_SIZE + 1, bytes, sizeof bytes);
}

static void add_body(crypto_generichash_state *hash, const struct request *rq)
{
    add_text(hash, rq->content_type);
    if (rq->body_size > 0)
        crypto_generichash_update(hash, (const unsigned char *)rq->body, rq->body_size);
}

/* Without the boundary, which is another one each time. */
static void add_upload(crypto_generichash_state *hash, const struct upload *upload, const struct form *texts)
{
    add_text(hash, upload->media_type);
    add_text(hash, upload->name);
    crypto_generichash_update(hash, upload->hash, sizeof upload->hash);
    for (size_t i = 0; i < texts->count; i++) {
        add_text(hash, texts->pairs[i].key);
        add_text(hash, texts->pairs[i].value);
    }
}

static void identify(const struct request *rq, struct sent_key *out)
{
    crypto_generichash_state hash;
    unsigned char secret[HASH_SIZE];
    const char *key = rq->idempotency_key;
    crypto_generichash_init(&hash, NULL, 0, HASH_SIZE);
    add_text(&hash, rq->who.account_id);
    add_text(&hash, rq->who.role == ANONYMOUS ? rq->route->path : NULL);
    add_text(&hash, key);
    finish(&hash, out->scope);

    crypto_generichash(secret, sizeof secret, (const unsigned char *)key, strlen(key), NULL, 0);
    crypto_generichash_init(&hash, secret, sizeof secret, HASH_SIZE);
    add_text(&hash, rq->path);
    add_text(&hash, rq->query);
    if (rq->upload)
        add_upload(&hash, rq->upload, &rq->input.form);
    else
        add_body(&hash, rq);
    finish(&hash, out->fingerprint);
    sodium_memzero(secret, sizeof secret);
}

static enum status key_claim(struct db *db, const struct sent_key *sent, struct kept_reply *out)
{
    static const char sql[] = "SELECT state, http_status, content_type, location, etag, body"
                              " FROM shared.answer_claim(decode($1, 'hex'), decode($2, 'hex'))";
    return db_one(db, sql, PARAMS(sent->scope, sent->fingerprint), &kept_reply_schema, out);
}

static enum status reply_keep(struct db *db, const struct sent_key *sent, const struct kept_reply *r)
{
    static const char sql[] = "SELECT shared.answer_keep(decode($1, 'hex'), decode($2, 'hex'), $3, $4, $5, $6, $7)";
    return db_run(db, sql,
                  PARAMS(sent->scope, sent->fingerprint, db_integer(db, r->http_status), r->content_type, r->location,
                         r->etag, r->body));
}

static const char *header_given(const struct request *rq, const char *name)
{
    for (int i = 0; i < rq->header_count; i++)
        if (strcmp(rq->headers[i].name, name) == 0)
            return rq->headers[i].value;
    return NULL;
}

static enum status create(struct request *rq, const struct sent_key *sent, enum status (*handler)(struct request *rq))
{
    int headers = rq->header_count;
    TRY(handler(rq));
    struct kept_reply given = {.http_status = {true, rq->http_status},
                               .content_type = rq->content_type_out,
                               .location = header_given(rq, "Location"),
                               .etag = header_given(rq, "ETag"),
                               .body = rq->body_out.used > 0 ? rq->body_out.bytes : ""};
    enum status status = reply_keep(&rq->db, sent, &given);
    if (status == OK)
        status = db_commit(&rq->db);
    if (status != OK)
        rq->header_count = headers; /* what they tell of has not been created */
    return status;
}

static enum status replay(struct request *rq, const struct kept_reply *kept)
{
    rq->http_status = (int)kept->http_status.value;
    rq->content_type_out = kept->content_type;
    if (kept->location)
        reply_header(rq, "Location", "%s", kept->location);
    if (kept->etag)
        reply_header(rq, "ETag", "%s", kept->etag);
    reply_header(rq, "Idempotency-Replayed", "true");
    write_raw(&rq->body_out, kept->body, strlen(kept->body));
    return OK;
}

enum status idempotency_run(struct request *rq, enum status (*handler)(struct request *rq))
{
    struct sent_key sent;
    struct kept_reply found;
    TRY(check_key(rq));
    identify(rq, &sent);
    TRY(db_begin(&rq->db));
    TRY(key_claim(&rq->db, &sent, &found));
    if (strcmp(found.state, "new") == 0)
        return create(rq, &sent, handler);
    if (strcmp(found.state, "kept") == 0)
        return replay(rq, &found);
    if (strcmp(found.state, "other") == 0)
        return fail(&rq->problem, INVALID, "Idempotency-Key",
                    "was sent with another request; a new one needs a new key");
    rq->problem.retry_after_s = 1;
    return fail(&rq->problem, CONFLICT, NULL, "A request with this Idempotency-Key is being worked on; ask again.");
}

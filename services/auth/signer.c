/* Signing keys rest in the database, the private half sealed with SIGNING_KEY_SECRET (secret.h), so that
 * every replica signs with the same key and a copy of the database signs nothing. */
#include "services/auth/session.h"

#include "common/log.h"
#include "common/secret.h"

#include <stdlib.h>
#include <string.h>

struct stored_key {
    const char *id, *public_key, *sealed; /* sealed: nonce and box, in hexadecimal */
};
LOCAL_SCHEMA(stored_key_schema, "StoredKey", struct stored_key, FIELD_TEXT(struct stored_key, id),
             FIELD_TEXT(struct stored_key, public_key), FIELD_TEXT(struct stored_key, sealed));

SCHEMA(key_set_schema, "KeySet", struct key_set,
       FIELD_JSON(struct key_set, keys, .summary = "JSON Web Keys (RFC 7517)"));

static enum status load_key(const struct auth *auth, struct db *db, struct signing_key *out)
{
    static const char sql[] = "SELECT id, public_key, encode(private_key_sealed, 'hex') AS sealed FROM auth.signing_key"
                              " WHERE retired_at IS NULL ORDER BY created_at DESC";
    struct record_list list;
    TRY(db_all(db, sql, NO_PARAMS, &stored_key_schema, &list));
    const struct stored_key *keys = list.items;
    for (size_t i = 0; i < list.count; i++) {
        const char *private_pem = secret_unseal(auth->settings->signing_key_secret, db->arena, NULL, keys[i].sealed);
        if (!private_pem || strlen(keys[i].id) >= sizeof out->id)
            continue;
        strcpy(out->id, keys[i].id);
        out->private_pem = strdup(private_pem);
        out->public_pem = strdup(keys[i].public_key);
        return OK;
    }
    return NOT_FOUND;
}

static enum status make_key(const struct auth *auth, struct db *db, struct signing_key *out)
{
    static const char sql[] = "INSERT INTO auth.signing_key (id, public_key, private_key_sealed)"
                              " VALUES ($1, $2, decode($3, 'hex'))";
    struct signing_key key;
    if (!signing_key_generate(&key))
        return FAULT;
    const char *sealed = secret_seal(auth->settings->signing_key_secret, db->arena, NULL, key.private_pem);
    enum status stored = db_run(db, sql, PARAMS(key.id, key.public_pem, sealed));
    if (stored != OK) {
        signing_key_release(&key);
        return stored;
    }
    log_line(LOG_INFO, "made the signing key %s", key.id);
    *out = key;
    return OK;
}

enum status signer_prepare(struct auth *auth, struct db *db)
{
    enum status status = OK;
    pthread_mutex_lock(&auth->key_lock); /* a burst of first logins makes one key and not many */
    if (!auth->key.id[0])
        status = load_key(auth, db, &auth->key);
    if (status == NOT_FOUND)
        status = make_key(auth, db, &auth->key);
    pthread_mutex_unlock(&auth->key_lock);
    return status;
}

enum status signer_sign(struct auth *auth, struct db *db, const struct principal *who, char **out)
{
    TRY(signer_prepare(auth, db));
    *out = token_sign(&auth->key, who, auth->common->token_issuer, auth->common->token_audience);
    return *out ? OK : FAULT;
}

enum status key_set_get(struct request *rq)
{
    static const char sql[] = "SELECT id, public_key FROM auth.published_signing_key ORDER BY created_at";
    struct record_list list;
    TRY(db_all(&rq->db, sql, NO_PARAMS, &stored_key_schema, &list));
    const struct stored_key *keys = list.items;
    json_auto_t *set = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(set, public_key_jwk(keys[i].public_key, keys[i].id));
    char *text = json_dumps(set, JSON_COMPACT);
    struct key_set reply = {.keys = text ? arena_text(rq->arena, text) : "[]"};
    free(text);
    reply_header(rq, "Cache-Control", "public, max-age=300");
    return reply_record(rq, &reply);
}

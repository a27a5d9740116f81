/* Signing keys rest in the database, the private half sealed with SIGNING_KEY_SECRET (libsodium's secretbox), so that
 * every replica signs with the same key and a copy of the database signs nothing. */
#include "services/auth/session.h"

#include "common/log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct stored_key {
    const char *id, *public_key, *sealed; /* sealed: nonce and box, in hexadecimal */
};
LOCAL_SCHEMA(stored_key_schema, "StoredKey", struct stored_key, FIELD_TEXT(struct stored_key, id),
             FIELD_TEXT(struct stored_key, public_key), FIELD_TEXT(struct stored_key, sealed));

SCHEMA(key_set_schema, "KeySet", struct key_set,
       FIELD_JSON(struct key_set, keys, .summary = "JSON Web Keys (RFC 7517)"));

static void secret_bytes(const struct auth *auth, unsigned char out[crypto_secretbox_KEYBYTES])
{
    sodium_hex2bin(out, crypto_secretbox_KEYBYTES, auth->settings->signing_key_secret,
                   strlen(auth->settings->signing_key_secret), NULL, NULL, NULL);
}

static const char *seal(const struct auth *auth, struct arena *arena, const char *text)
{
    unsigned char secret[crypto_secretbox_KEYBYTES];
    size_t size = strlen(text), sealed_size = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + size;
    unsigned char *sealed = arena_alloc(arena, sealed_size);
    char *hex = arena_alloc(arena, 2 * sealed_size + 1);
    secret_bytes(auth, secret);
    randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, (const unsigned char *)text, size, sealed, secret);
    sodium_memzero(secret, sizeof secret);
    return sodium_bin2hex(hex, 2 * sealed_size + 1, sealed, sealed_size);
}

/* NULL when our secret does not open it. */
static const char *unseal(const struct auth *auth, struct arena *arena, const char *hex)
{
    unsigned char secret[crypto_secretbox_KEYBYTES];
    size_t hex_size = strlen(hex), size;
    unsigned char *sealed = arena_alloc(arena, hex_size / 2 + 1);
    const size_t extra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (sodium_hex2bin(sealed, hex_size / 2, hex, hex_size, NULL, &size, NULL) != 0 || size <= extra)
        return NULL;
    char *text = arena_alloc(arena, size - extra + 1);
    secret_bytes(auth, secret);
    int wrong = crypto_secretbox_open_easy((unsigned char *)text, sealed + crypto_secretbox_NONCEBYTES,
                                           size - crypto_secretbox_NONCEBYTES, sealed, secret);
    sodium_memzero(secret, sizeof secret);
    return wrong ? NULL : text;
}

static enum status load_key(const struct auth *auth, struct db *db, struct signing_key *out)
{
    static const char sql[] = "SELECT id, public_key, encode(private_key_sealed, 'hex') AS sealed FROM auth.signing_key"
                              " WHERE retired_at IS NULL ORDER BY created_at DESC";
    struct record_list list;
    TRY(db_all(db, sql, NO_PARAMS, &stored_key_schema, &list));
    const struct stored_key *keys = list.items;
    for (size_t i = 0; i < list.count; i++) {
        const char *private_pem = unseal(auth, db->arena, keys[i].sealed);
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
    enum status stored = db_run(db, sql, PARAMS(key.id, key.public_pem, seal(auth, db->arena, key.private_pem)));
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

#include "services/auth/session/key_set.h"

#include <stdlib.h>

SCHEMA(key_set_schema, "KeySet", struct key_set,
       FIELD_JSON(struct key_set, keys, .summary = "JSON Web Keys (RFC 7517)"));

struct public_key {
    const char *id, *public_key;
};
LOCAL_SCHEMA(public_key_schema, "PublicKey", struct public_key, FIELD_TEXT(struct public_key, id),
             FIELD_TEXT(struct public_key, public_key));

enum status key_set_get(struct request *rq)
{
    static const char sql[] = "SELECT id, public_key FROM auth.published_signing_key ORDER BY created_at";
    struct record_list list;
    TRY(db_all(&rq->db, sql, NO_PARAMS, &public_key_schema, &list));
    const struct public_key *keys = list.items;
    json_auto_t *set = json_array();
    for (size_t i = 0; i < list.count; i++)
        json_array_append_new(set, public_key_jwk(keys[i].public_key, keys[i].id));
    char *text = json_dumps(set, JSON_COMPACT);
    struct key_set reply = {.keys = text ? arena_text(rq->arena, text) : "[]"};
    free(text);
    reply_header(rq, "Cache-Control", "public, max-age=300");
    return reply_record(rq, &reply);
}

/* A model as JSON:
 *
 *     {"format": "mnemos-mmse-model", "version": 1, "sha256": "...",
 *      "model": {"method": "linear", "seed": "1", "trained_on": {...}, "parameters": {...}, "intervals": {...}}}
 *
 * The checksum is of the member "model". There is one spelling only: spaces or digits that say the same are refused,
 * too. */
#include "common/science/mmse/mmse_model.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "mnemos-mmse-model"

enum { SEED_SIZE = 24, CHECKSUM_SIZE = crypto_hash_sha256_BYTES * 2 + 1 };

static void count_write(struct writer *w, const char *member, size_t value)
{
    write_key(w, member);
    write_integer(w, (int64_t)value);
}

/* The seed is text: not every reader of JSON takes 64 bits. */
static void model_write(const struct mmse_model *m, struct writer *w)
{
    char seed[SEED_SIZE];
    snprintf(seed, sizeof seed, "%" PRIu64, m->seed);
    write_object(w);
    write_key(w, "method");
    write_text(w, m->method->name);
    write_key(w, "seed");
    write_text(w, seed);
    write_key(w, "trained_on");
    write_object(w);
    count_write(w, "subjects", m->subjects);
    count_write(w, "visits", m->visits);
    count_write(w, "tasks", m->tasks);
    write_object_end(w);
    write_key(w, "parameters");
    m->method->write(m->parameters, w);
    write_key(w, "intervals");
    conformal_write(&m->conformal, w);
    write_object_end(w);
}

static void checksum(const struct writer *w, char out[CHECKSUM_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)w->bytes, w->used);
    sodium_bin2hex(out, CHECKSUM_SIZE, hash, sizeof hash);
}

void mmse_model_write(const struct mmse_model *model, struct writer *w)
{
    AUTO(writer_release) struct writer body = {0};
    char sum[CHECKSUM_SIZE];
    model_write(model, &body);
    checksum(&body, sum);
    write_object(w);
    write_key(w, "format");
    write_text(w, FORMAT);
    write_key(w, "version");
    write_integer(w, MMSE_MODEL_VERSION);
    write_key(w, "sha256");
    write_text(w, sum);
    write_key(w, "model");
    write_raw(w, body.bytes, body.used);
    write_object_end(w);
}

static bool count_read(const json_t *json, const char *member, size_t *out)
{
    const json_t *value = json_object_get(json, member);
    *out = (size_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static enum status head_read(const json_t *json, struct problem *why)
{
    const char *format = json_string_value(json_object_get(json, "format"));
    if (!format || strcmp(format, FORMAT) != 0)
        return fail(why, INVALID, NULL, "This is no MMSE model.");
    const json_t *version = json_object_get(json, "version");
    if (!json_is_integer(version) || json_integer_value(version) != MMSE_MODEL_VERSION)
        return fail(why, INVALID, NULL, "The model is of another version than %d.", MMSE_MODEL_VERSION);
    return OK;
}

static enum status body_read(struct arena *arena, const json_t *json, struct mmse_model *out, struct problem *why)
{
    const char *name = json_string_value(json_object_get(json, "method"));
    const char *seed = json_string_value(json_object_get(json, "seed"));
    const json_t *trained_on = json_object_get(json, "trained_on");
    struct mmse_model m = {.method = name ? mmse_method_named(name) : NULL};
    if (!m.method)
        return fail(why, INVALID, NULL, "The model is of an unknown method.");
    if (!seed || !count_read(trained_on, "subjects", &m.subjects) || !count_read(trained_on, "visits", &m.visits) ||
        !count_read(trained_on, "tasks", &m.tasks))
        return fail(why, INVALID, NULL, "The model is damaged.");
    m.seed = strtoull(seed, NULL, 10);
    TRY(m.method->read(arena, json_object_get(json, "parameters"), &m.parameters, why));
    TRY(conformal_read(json_object_get(json, "intervals"), &m.conformal, why));
    *out = m;
    return OK;
}

/* Written anew, checksum included, it has to be the same to the byte; a line end behind it does no harm. */
static bool says_the_same(const struct mmse_model *m, const char *json, size_t size)
{
    AUTO(writer_release) struct writer again = {0};
    mmse_model_write(m, &again);
    while (size > 0 && json[size - 1] == '\n')
        size--;
    return size == again.used && memcmp(json, again.bytes, size) == 0;
}

enum status mmse_model_read(struct arena *arena, const char *json, size_t size, struct mmse_model *out,
                            struct problem *why)
{
    if (size > MMSE_MODEL_BYTES_MAX)
        return fail(why, TOO_LARGE, NULL, "The model is larger than %d MiB.", MMSE_MODEL_BYTES_MAX / 1024 / 1024);
    json_auto_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root))
        return fail(why, INVALID, NULL, "The model is no JSON object.");
    struct mmse_model m;
    TRY(head_read(root, why));
    TRY(body_read(arena, json_object_get(root, "model"), &m, why));
    if (!says_the_same(&m, json, size))
        return fail(why, INVALID, NULL, "The model is damaged: it does not fit its checksum.");
    *out = m;
    return OK;
}

/* Models from outside: refused with a sentence, or they predict scores within the scale and are written as they came.
 * A checksum would stop nearly every input at the door, so the parts behind it are tried on their own as well. */
#include "common/science/mmse/mmse_model.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

static const struct visit visits[] = {{70, 28}, {72.5, 25}, {74, 21}};

static void promise_prediction(const struct mmse_model *m, struct problem *why)
{
    for (size_t count = 1; count <= COUNT(visits); count++) {
        struct known k = {1, NAN, count, visits, 76};
        struct mmse_prediction p;
        enum status status = mmse_model_predict(m, &k, CONFORMAL_DEFAULT, &p, why);
        PROMISE(status == OK || status == CONFLICT);
        if (status != OK)
            continue;
        PROMISE(!(p.score < 0 || p.score > SCORE_MAX) && p.lower >= 0 && p.upper <= SCORE_MAX);
    }
}

static void try_parts(struct arena *arena, const json_t *json, struct problem *why)
{
    struct mmse_model m = {.conformal = {0}};
    const json_t *parameters = json_object_get(json, "parameters"), *intervals = json_object_get(json, "intervals");
    for (m.method = mmse_methods; m.method->name; m.method++)
        if (m.method->read(arena, parameters, &m.parameters, why) == OK)
            promise_prediction(&m, why);
    m.method = mmse_method_named("last_value");
    if (conformal_read(intervals, &m.conformal, why) == OK)
        promise_prediction(&m, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena = {0};
    struct problem why;
    struct mmse_model m;
    problem_reset(&why, &arena);
    if (mmse_model_read(&arena, (const char *)bytes, size, &m, &why) == OK)
        promise_prediction(&m, &why);
    else
        PROMISE(why.detail != NULL);
    json_auto_t *json = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
    problem_reset(&why, &arena);
    try_parts(&arena, json_object_get(json, "model"), &why);
    arena_release(&arena);
    return 0;
}

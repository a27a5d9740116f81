/* A body: the first byte says whether it is a form or JSON, and one record or many. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct part {
    const char *name;
    struct maybe_integer size;
};
LOCAL_SCHEMA(part_schema, "Part", struct part, FIELD_TEXT(struct part, name, .rules = REQUIRED, .min = 1, .max = 10),
             FIELD_INTEGER(struct part, size, .min = 0, .max = 9));

static const char *const colours[] = {"red", "green", NULL};

struct thing {
    const char *id, *name, *note, *colour, *born, *seen, *pointer;
    struct maybe_integer count, any;
    struct maybe_real ratio, real;
    struct maybe_boolean active;
    struct text_list lines;
    struct part *part;
    struct record_list parts;
};
LOCAL_SCHEMA(thing_schema, "Thing", struct thing, FIELD_UUID(struct thing, id),
             FIELD_TEXT(struct thing, name, .rules = REQUIRED, .min = 1, .max = 20),
             FIELD_TEXT(struct thing, note, .rules = ANY_TEXT), FIELD_ENUM(struct thing, colour, colours),
             FIELD_DATE(struct thing, born), FIELD_TIME(struct thing, seen),
             FIELD_TEXT(struct thing, pointer, .rules = HIDDEN),
             FIELD_INTEGER(struct thing, count, .min = 0, .max = 130), FIELD_INTEGER(struct thing, any),
             FIELD_REAL(struct thing, ratio, .min = 0, .max = 1.5), FIELD_REAL(struct thing, real),
             FIELD_BOOLEAN(struct thing, active), FIELD_TEXTS(struct thing, lines, .min = 0, .max = 5),
             FIELD_RECORD(struct thing, part, part_schema, struct part),
             FIELD_RECORDS(struct thing, parts, part_schema, .min = 0, .max = 5));

static const struct route route = {
    "POST",        "/things", NULL, .input = &thing_schema, .input_from = FROM_ANYWHERE, .output = &thing_schema,
    .success = 201};

static void write_thing(struct exchange *c, const struct thing *t)
{
    writer_release(&c->rq.body_out);
    PROMISE(reply_record(&c->rq, t) == OK);
}

/* Accepted input is written as JSON that is accepted again with the same values. */
static void promise_round_trip(const struct thing *t)
{
    EXCHANGE(first, route);
    EXCHANGE(second, route);
    struct thing again = {0};
    write_thing(&first, t);
    exchange_body(&second, "application/json", first.rq.body_out.bytes, first.rq.body_out.used);
    PROMISE(request_input(&second.rq, &again) == OK);
    write_thing(&second, &again);
    PROMISE(strcmp(first.rq.body_out.bytes, second.rq.body_out.bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    EXCHANGE(c, route);
    bool is_form = bytes[0] & 1, may_be_many = bytes[0] & 2;
    exchange_body(&c, is_form ? "application/x-www-form-urlencoded" : "application/json", (const char *)bytes + 1,
                  size - 1);
    struct thing one = {0};
    struct record_list things = {&one, 1};
    enum status status = may_be_many ? request_inputs(&c.rq, 20, &things) : request_input(&c.rq, &one);
    if (status != OK)
        promise_refusal(&c, status);
    else
        for (size_t i = 0; i < things.count; i++)
            promise_round_trip((const struct thing *)things.items + i);
    return 0;
}

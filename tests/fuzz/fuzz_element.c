/* An element's way in: the first line of the input is the query, the rest is the body. */
#include "services/imaging/element/element.h"
#include "services/imaging/imaging.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Accepted elements can be stored and read again. */
static void check(const struct element_content *c)
{
    if (!c->id || !c->device_name || !c->data || strchr(c->id, '/') || strchr(c->data, '\n'))
        abort();
    if (c->data_size.value < 1 || !isfinite(c->average_before.value) || c->average_before.value > c->maximum.value)
        abort();
    json_auto_t *data = json_loads(c->data, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_array(data))
        abort();
}

static void create(struct request *rq)
{
    struct record_list forms;
    if (request_inputs(rq, 1000, &forms) != OK)
        return;
    const struct element_form *form = forms.items;
    for (size_t i = 0; i < forms.count; i++) {
        struct element_content content;
        if (element_form_check(&form[i], TO_CREATE, &rq->problem, &content) == OK)
            check(&content);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena = {0};
    const uint8_t *end = size ? memchr(bytes, '\n', size) : NULL;
    size_t query_size = end ? (size_t)(end - bytes) : 0, skipped = end ? query_size + 1 : 0;
    struct request rq = {.route = &imaging_routes[0], .arena = &arena, .content_type = "application/json"};
    problem_reset(&rq.problem, &arena);
    rq.query = arena_copy(&arena, (const char *)bytes, query_size);
    rq.body = arena_copy(&arena, (const char *)bytes + skipped, size - skipped);
    rq.body_size = size - skipped;
    create(&rq);
    json_decref(rq.input.json);
    arena_release(&arena);
    return 0;
}

/* Makes one checked statement of a client's form. No I/O. */
#include "services/imaging/element/element.h"
#include "services/imaging/element/element_numbers.h"

#include <stdlib.h>
#include <string.h>

enum {
    ID_MAX = 80,
    LINES_MAX = 1000000,
    REFUSED_LINES_MAX = 20, /* are listed: a picture sent as text must not list each pixel */
    EXCERPT_SIZE = 24,
};

static const char *const normalizations[] = {"maximum", "percent", NULL};

SCHEMA(raw_data_form_schema, "RawDataForm", struct raw_data_form,
       FIELD_TEXT(struct raw_data_form, id, .min = 1, .max = ID_MAX),
       FIELD_TEXTS(struct raw_data_form, data, .min = 1, .max = LINES_MAX),
       FIELD_TEXT(struct raw_data_form, deviceName, .min = 1, .max = 80));

SCHEMA(element_form_schema, "ElementForm", struct element_form,
       FIELD_TEXT(struct element_form, pointer, .rules = HIDDEN),
       FIELD_TEXT(struct element_form, id, .min = 1, .max = ID_MAX, .example = "aabbcc1",
                  .summary = "Any text without / and control characters; here or in raw_data"),
       FIELD_TEXTS(struct element_form, data, .min = 1, .max = LINES_MAX,
                   .summary = "Lines of numbers separated by spaces; here or in raw_data"),
       FIELD_TEXT(struct element_form, device_name, .min = 1, .max = 80, .example = "CT SCAN",
                  .summary = "Required: here, as deviceName or in raw_data"),
       FIELD_TEXT(struct element_form, deviceName, .min = 1, .max = 80, .summary = "The same as device_name"),
       FIELD_ENUM(struct element_form, normalization, normalizations,
                  .summary = "Divisor of average_after: the maximum (the default), or 100"),
       FIELD_RECORD(struct element_form, raw_data, raw_data_form_schema, struct raw_data_form));

/* One form on its way to content. */
struct check {
    struct problem *why;
    const char *pointer;
};

#define REFUSE(c, member, ...) \
    fail((c)->why, INVALID, arena_printf((c)->why->arena, "%s/%s", (c)->pointer, member), __VA_ARGS__)

/* A thing that may be said in several places. */
struct saying {
    const char *member, *text;
};

/* The value of the first of them; the others must have the same. */
static const char *agreed(struct check *c, const struct saying *sayings)
{
    const struct saying *first = NULL;
    for (const struct saying *s = sayings; s->member; s++) {
        if (!s->text)
            continue;
        if (!first)
            first = s;
        else if (strcmp(s->text, first->text) != 0)
            REFUSE(c, s->member, "must be the same as /%s", first->member);
    }
    return first ? first->text : NULL;
}

static void check_id(struct check *c, const char *id)
{
    if (id && (strchr(id, '/') || strcmp(id, ".") == 0 || strcmp(id, "..") == 0))
        REFUSE(c, "id", "must not hold a / and not be . or ..");
}

/* The beginning of a word, cut between characters. */
static const char *excerpt(struct arena *arena, const struct word *t)
{
    if (t->size <= EXCERPT_SIZE)
        return arena_copy(arena, t->text, t->size);
    size_t size = EXCERPT_SIZE;
    while (size > 0 && ((unsigned char)t->text[size] & 0xC0) == 0x80)
        size--;
    return arena_printf(arena, "%s...", arena_copy(arena, t->text, size));
}

static void read_lines(struct check *c, const char *member, const struct text_list *lines, struct element_numbers *out)
{
    int refused = 0;
    struct word bad;
    for (size_t i = 0; i < lines->count && refused < REFUSED_LINES_MAX; i++) {
        if (element_numbers_add_line(out, lines->items[i], &bad))
            continue;
        REFUSE(c, arena_printf(c->why->arena, "%s/%zu", member, i), "line %zu, token %zu is not a finite number: %s",
               i + 1, bad.place, excerpt(c->why->arena, &bad));
        refused++;
    }
    if (refused == 0 && out->count == 0)
        REFUSE(c, member, "must hold a number");
}

static void compare_lines(struct check *c, const struct text_list *lines, const struct text_list *raw)
{
    int refused = 0;
    if (lines->count != raw->count)
        REFUSE(c, "raw_data/data", "must have as many lines as /data: %zu, not %zu", lines->count, raw->count);
    for (size_t i = 0; i < lines->count && i < raw->count && refused < REFUSED_LINES_MAX; i++) {
        if (strcmp(lines->items[i], raw->items[i]) == 0)
            continue;
        REFUSE(c, arena_printf(c->why->arena, "raw_data/data/%zu", i), "must be the same as /data/%zu", i);
        refused++;
    }
}

static const char *json_of(struct arena *arena, const struct text_list *lines)
{
    struct writer w = {0};
    write_array(&w);
    for (size_t i = 0; i < lines->count; i++)
        write_text(&w, lines->items[i]);
    write_array_end(&w);
    return writer_text(&w, arena);
}

static void take_data(struct check *c, const struct text_list *lines, const struct text_list *raw,
                      struct element_content *out)
{
    const struct text_list *first = lines->items ? lines : raw;
    struct element_numbers numbers = {0};
    if (!first->items)
        return;
    read_lines(c, lines->items ? "data" : "raw_data/data", first, &numbers);
    if (lines->items && raw->items)
        compare_lines(c, lines, raw);
    if (problem_status(c->why) != OK)
        return;
    out->data = json_of(c->why->arena, first);
    out->data_size = (struct maybe_integer){true, (int64_t)numbers.count};
    out->average_before = (struct maybe_real){true, element_numbers_mean(&numbers)};
    out->maximum = (struct maybe_real){true, numbers.maximum};
}

static void require(struct check *c, enum purpose purpose, const struct element_content *content, bool has_data)
{
    bool changes = content->id || content->device_name || content->normalization || has_data;
    if (purpose == TO_CHANGE && !changes)
        fail(c->why, INVALID, NULL, "Nothing to change is given.");
    if (purpose == TO_CREATE && !content->id)
        REFUSE(c, "id", "is required");
    if (purpose != TO_CHANGE && !has_data)
        REFUSE(c, "data", "is required");
    if (purpose != TO_CHANGE && !content->device_name)
        REFUSE(c, "device_name", "is required");
}

enum status element_form_check(const struct element_form *form, enum purpose purpose, struct problem *why,
                               struct element_content *out)
{
    static const struct raw_data_form nothing;
    const struct raw_data_form *raw = form->raw_data ? form->raw_data : &nothing;
    struct check c = {why, form->pointer ? form->pointer : ""};
    const struct saying ids[] = {
        {"id", form->id},
        {"raw_data/id", raw->id},
        {0},
    };
    const struct saying names[] = {
        {"device_name", form->device_name},
        {"deviceName", form->deviceName},
        {"raw_data/deviceName", raw->deviceName},
        {0},
    };
    struct element_content content = {
        .pointer = c.pointer,
        .id = agreed(&c, ids),
        .device_name = agreed(&c, names),
        .normalization = form->normalization,
    };
    require(&c, purpose, &content, form->data.items || raw->data.items);
    check_id(&c, content.id);
    take_data(&c, &form->data, &raw->data, &content);
    if (!content.normalization && purpose != TO_CHANGE)
        content.normalization = normalizations[0];
    *out = content;
    return problem_status(why);
}

/* Legends from outside, and cells read by those that are good: the bytes up to the first NUL are the legend, what
 * follows is a heading and a cell. */
#include "services/users/tumour/legend.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void use(const struct legend *l, struct arena *arena, const char *heading, const char *cell)
{
    const struct legend_column *c = legend_find(l, heading);
    PROMISE(!c || (c >= l->columns && c < l->columns + l->column_count));
    for (size_t i = 0; i < l->column_count; i++)
        for (int spreadsheet = 0; spreadsheet < 2; spreadsheet++) {
            const char *value = NULL, *complaint = NULL;
            enum status status = legend_value(l, &l->columns[i], cell, spreadsheet, arena, &value, &complaint);
            PROMISE(status == OK || (status == INVALID && !value && complaint));
        }
}

/* The text behind this one; at the end the empty one that is there. */
static const char *after(const char *text, const char *end)
{
    const char *stop = text + strlen(text);
    return stop < end ? stop + 1 : stop;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena arena = {0};
    struct problem why;
    static struct legend legend;
    problem_reset(&why, &arena);
    char *text = arena_copy(&arena, (const char *)bytes, size);
    size_t legend_size = strlen(text);
    const char *heading = after(text, text + size), *cell = after(heading, text + size);
    enum status status = legend_parse(text, legend_size, "/own_legend", &arena, &legend, &why);
    PROMISE((status == OK) == (why.error_count == 0));
    for (int i = 0; i < why.error_count; i++)
        PROMISE(strncmp(why.errors[i].pointer, "/own_legend", 11) == 0);
    if (status == OK) {
        PROMISE(legend.name && legend.column_count > 0 && legend.column_count <= LEGEND_COLUMNS_MAX);
        use(&legend, &arena, heading, *cell ? cell : heading);
    }
    arena_release(&arena);
    return 0;
}

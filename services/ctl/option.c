#include "services/ctl/option.h"

#include "common/base/text.h"

#include <string.h>

/* --name and --name=value both name the option. */
static const struct option_row *row_named(const struct option_row *rows, const char *word)
{
    size_t size = strcspn(word, "=");
    for (const struct option_row *row = rows; row->name; row++)
        if (strlen(row->name) == size && memcmp(row->name, word, size) == 0)
            return row;
    return NULL;
}

static enum status take_value(const struct option_row *row, const char *value, struct problem *why)
{
    if (!value)
        return fail(why, INVALID, NULL, "%s needs a value.", row->name);
    if (row->text) {
        *row->text = value;
        return OK;
    }
    int64_t number;
    if (!text_integer(value, &number) || number < row->min || number > row->max)
        return fail(why, INVALID, NULL, "%s must be a whole number from %ld to %ld.", row->name, row->min, row->max);
    *row->number = number;
    return OK;
}

enum status options_read(const struct option_row *rows, int argc, char **argv, int arguments_max,
                         const char **arguments, struct problem *why)
{
    int given = 0;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *equals = strchr(word, '=');
        if (strncmp(word, "--", 2) != 0) {
            if (given == arguments_max)
                return fail(why, INVALID, NULL, "'%s' is one argument too many.", word);
            arguments[given++] = word;
            continue;
        }
        const struct option_row *row = row_named(rows, word);
        if (!row || (row->flag && equals))
            return fail(why, INVALID, NULL, "'%s' is no option of this command.", word);
        if (row->flag)
            *row->flag = true;
        else
            TRY(take_value(row, equals ? equals + 1 : argv[++i], why)); /* argv ends with NULL */
    }
    return OK;
}

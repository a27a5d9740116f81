/* The words after a command: options by table, and up to so many arguments. */
#pragma once

#include "common/base/problem.h"

#include <stdbool.h>

/* One of number, text and flag is set: it takes the option's value, or stays as it is without the option. */
struct option_row {
    const char *name; /* with its dashes */
    long *number, min, max;
    const char **text;
    bool *flag;
};

/* rows end with one without a name. arguments has room for arguments_max words; those not given stay as they are. */
enum status options_read(const struct option_row *rows, int argc, char **argv, int arguments_max,
                         const char **arguments, struct problem *why);

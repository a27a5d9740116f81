#include "tests/support/memory.h"

#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long memory_of(const char *what)
{
    char line[256];
    long value = -1;
    FILE *status = fopen("/proc/self/status", "re");
    ck_assert_ptr_nonnull(status);
    while (fgets(line, sizeof line, status))
        if (strncmp(line, what, strlen(what)) == 0)
            value = strtol(line + strlen(what), NULL, 10);
    fclose(status);
    return value;
}

long memory_begin(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");
    ck_assert_ptr_nonnull(file);
    fputs("5", file);
    fclose(file);
    return memory_of("VmRSS:");
}

long memory_grown(long begin_kib)
{
    return memory_of("VmHWM:") - begin_kib;
}

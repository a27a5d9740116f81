/* Memory that lives exactly as long as one request.
 *
 * Allocation is a pointer bump, nothing is freed by hand, and arena_release overwrites the memory used, so that
 * passwords do not stay behind. Running out of memory ends the process: a service under a memory limit is restarted and
 * does not limp along. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena {
    struct arena_chunk *chunks; /* the newest first */
};

void arena_release(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of the first len bytes, terminated. */
char *arena_copy(struct arena *a, const char *text, size_t len);
char *arena_text(struct arena *a, const char *text);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

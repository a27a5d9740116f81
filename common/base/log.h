/* The log: one JSON object per line on standard error, written in one call so that lines of threads never mix.
 *
 * Ids and numbers only: no names, bodies, tokens or query strings. */
#pragma once

#include "common/base/writer.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

extern const char *const log_level_names[]; /* ends with NULL */

/* service is kept, not copied. */
void log_start(const char *service, enum log_level lowest);

/* A line with a message alone. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line with members: begin, write_key and write_... on the writer, end. NULL when the level is not logged. */
struct writer *log_begin(enum log_level level, const char *message);
void log_end(struct writer *w);

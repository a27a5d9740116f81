#include "common/base/log.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yder.h>

const char *const log_level_names[] = {"debug", "info", "warning", "error", NULL};

static const char *service_name = "mnemos";
static enum log_level threshold = LOG_INFO;

/* ulfius speaks through yder; its warnings and errors become lines of ours. */
static void from_yder(void *cls, const char *app_name, const time_t date, const unsigned long level,
                      const char *message)
{
    (void)cls, (void)app_name, (void)date;
    log_line(level & Y_LOG_LEVEL_ERROR     ? LOG_ERROR
             : level & Y_LOG_LEVEL_WARNING ? LOG_WARNING
                                           : LOG_DEBUG,
             "%s", message);
}

void log_start(const char *service, enum log_level lowest)
{
    service_name = service;
    threshold = lowest;
    static bool yder_is_ours;
    if (yder_is_ours)
        return;
    yder_is_ours = true;
    y_init_logs("mnemos", Y_LOG_MODE_CALLBACK, Y_LOG_LEVEL_WARNING, NULL, "");
    y_set_logs_callback(from_yder, NULL, "");
}

struct writer *log_begin(enum log_level level, const char *message)
{
    static _Thread_local struct writer line;
    if (level < threshold)
        return NULL;
    char now[TIMESTAMP_SIZE];
    clock_print(clock_now(), now);
    write_object(&line);
    write_key(&line, "time");
    write_text(&line, now);
    write_key(&line, "level");
    write_text(&line, log_level_names[level]);
    write_key(&line, "service");
    write_text(&line, service_name);
    write_key(&line, "message");
    write_text(&line, message);
    return &line;
}

void log_end(struct writer *w)
{
    write_object_end(w);
    write_line_end(w);
    ssize_t ignored = write(STDERR_FILENO, w->bytes, w->used);
    (void)ignored;
    writer_release(w);
}

void log_line(enum log_level level, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    text_mend(message);
    struct writer *w = log_begin(level, message);
    if (w)
        log_end(w);
}

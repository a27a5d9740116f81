#include "common/base/metric.h"

#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>

static const int64_t bounds_us[METRIC_BUCKETS] = {100,   250,   500,    1000,   2500,    5000,    10000,
                                                  25000, 50000, 100000, 250000, 1000000, 2500000, 10000000};

void histogram_add(struct histogram *h, int64_t duration_us)
{
    int i = 0;
    while (i < METRIC_BUCKETS && duration_us > bounds_us[i])
        i++;
    atomic_fetch_add_explicit(&h->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum_us, (uint64_t)duration_us, memory_order_relaxed);
}

static void print(struct writer *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void print(struct writer *to, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    to->comma = false;
    write_raw(to, line, size < (int)sizeof line ? (size_t)size : sizeof line - 1);
    to->comma = false;
}

void histogram_print(const struct histogram *h, const char *name, const char *labels, struct writer *to)
{
    const char *comma = *labels ? "," : "";
    uint64_t count = 0;
    for (int i = 0; i < METRIC_BUCKETS; i++) {
        count += atomic_load_explicit(&h->buckets[i], memory_order_relaxed);
        print(to, "%s_bucket{%s%sle=\"%g\"} %llu\n", name, labels, comma, (double)bounds_us[i] / 1e6,
              (unsigned long long)count);
    }
    count += atomic_load_explicit(&h->buckets[METRIC_BUCKETS], memory_order_relaxed);
    print(to, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, labels, comma, (unsigned long long)count);
    print(to, "%s_sum{%s} %.6f\n", name, labels, (double)atomic_load(&h->sum_us) / 1e6);
    print(to, "%s_count{%s} %llu\n", name, labels, (unsigned long long)count);
}

void metric_head(struct writer *to, const char *name, const char *type, const char *help)
{
    print(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metric_sample(struct writer *to, const char *name, const char *labels, double value)
{
    char number[TEXT_REAL_SIZE];
    text_from_real(value, number);
    if (*labels)
        print(to, "%s{%s} %s\n", name, labels, number);
    else
        print(to, "%s %s\n", name, number);
}

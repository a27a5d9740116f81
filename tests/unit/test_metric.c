#include "common/base/metric.h"
#include "tests/support/unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static double sample_of(const struct writer *w, const char *series)
{
    const char *line = strstr(w->bytes, series);
    ck_assert_msg(line != NULL, "no %s in %s", series, w->bytes);
    return strtod(line + strlen(series), NULL);
}

/* Requirements of Prometheus' parser for a line (text format 0.0.4): name, labels in braces, a number, and nothing
 * else. */
static void ck_sample_line(const char *line, size_t size)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789";
    char *copy = strndup(line, size), *end = copy + strspn(copy, name);
    ck_assert_msg(end > copy && (*copy < '0' || *copy > '9'), "%s", copy);
    if (*end == '{') {
        char *brace = strchr(end, '}');
        ck_assert_msg(brace != NULL, "%s", copy);
        end = brace + 1;
    }
    ck_assert_msg(*end == ' ', "%s", copy);
    char *number_end;
    strtod(end + 1, &number_end);
    ck_assert_msg(number_end > end + 1 && *number_end == '\0', "%s", copy);
    free(copy);
}

static void ck_prometheus(const struct writer *w)
{
    ck_assert(w->used > 0 && w->bytes[w->used - 1] == '\n');
    for (const char *line = w->bytes; *line;) {
        size_t size = strcspn(line, "\n");
        bool comment = strncmp(line, "# HELP ", 7) == 0 || strncmp(line, "# TYPE ", 7) == 0;
        if (!comment)
            ck_sample_line(line, size);
        line += size + 1;
    }
}

START_TEST(a_sample_is_a_line)
{
    struct writer w = {0};
    metric_head(&w, "mnemos_waits_total", "counter", "Requests that waited.");
    metric_sample(&w, "mnemos_waits_total", "", 12);
    metric_sample(&w, "mnemos_waits_total", R"(state="busy")", 0.25);
    metric_sample(&w, "mnemos_waits_total", "", 1e15);
    ck_prometheus(&w);
    ck_written(&w, "# HELP mnemos_waits_total Requests that waited.\n"
                   "# TYPE mnemos_waits_total counter\n"
                   "mnemos_waits_total 12\n"
                   "mnemos_waits_total{state=\"busy\"} 0.25\n"
                   "mnemos_waits_total 1e+15\n");
}
END_TEST

START_TEST(buckets_count_all_that_is_faster)
{
    struct histogram h = {0};
    struct writer w = {0};
    static const int64_t durations_us[] = {0, 100, 101, 250, 999, 1000000, 10000000, 10000001, 99999999};
    for (size_t i = 0; i < COUNT(durations_us); i++)
        histogram_add(&h, durations_us[i]);
    histogram_print(&h, "d", R"(route="/x")", &w);
    ck_prometheus(&w);
    ck_assert(sample_of(&w, R"(d_bucket{route="/x",le="0.0001"} )") == 2);
    ck_assert(sample_of(&w, R"(d_bucket{route="/x",le="0.00025"} )") == 4);
    ck_assert(sample_of(&w, R"(d_bucket{route="/x",le="0.001"} )") == 5);
    ck_assert(sample_of(&w, R"(d_bucket{route="/x",le="1"} )") == 6);
    ck_assert(sample_of(&w, R"(d_bucket{route="/x",le="10"} )") == 7);
    ck_assert(sample_of(&w, R"(d_bucket{route="/x",le="+Inf"} )") == 9);
    ck_assert(sample_of(&w, R"(d_count{route="/x"} )") == 9);
    ck_assert_double_eq_tol(sample_of(&w, R"(d_sum{route="/x"} )"), 121.00145, 1e-6);
    writer_release(&w);
}
END_TEST

START_TEST(a_histogram_without_labels_is_valid_too)
{
    struct histogram h = {0};
    struct writer w = {0};
    histogram_add(&h, 300);
    histogram_print(&h, "d", "", &w);
    ck_prometheus(&w);
    ck_assert(sample_of(&w, R"(d_bucket{le="0.0005"} )") == 1);
    writer_release(&w);
}
END_TEST

enum { THREADS = 4, ROUNDS = 20000 };

static void *add_many(void *histogram)
{
    for (int i = 0; i < ROUNDS; i++)
        histogram_add(histogram, i);
    return NULL;
}

START_TEST(nothing_is_lost_between_threads)
{
    struct histogram h = {0};
    struct writer w = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, add_many, &h), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    histogram_print(&h, "d", "", &w);
    ck_assert(sample_of(&w, R"(d_bucket{le="+Inf"} )") == THREADS * ROUNDS);
    writer_release(&w);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(a_sample_is_a_line, buckets_count_all_that_is_faster, a_histogram_without_labels_is_valid_too,
                      nothing_is_lost_between_threads);
}

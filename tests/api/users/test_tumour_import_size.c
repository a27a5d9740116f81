/* The cost of large spreadsheets: statements for many rows at once, and memory that does not grow with them. With
 * MNEMOS_IMPORT_ROWS=100000 it tells how long so many take, which ./dev bench import looks at. */
#include "common/base/clock.h"
#include "services/users/tumour/tumour_import.h"
#include "tests/support/api.h"
#include "tests/support/memory.h"
#include "tests/support/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = MEMORY_COUNTS ? 8000 : 1600 };

static char *table_of(int rows, const char *batch, size_t *size)
{
    char *table = NULL;
    FILE *out = open_memstream(&table, size);
    fputs(
        "Patientennummer;Vorname;Nachname;Geschlecht;Geburtsdatum;Email;OP-Datum;Gewicht (kg);Größe (cm);Vorerkrankung;"
        "Kardial;Pulmonal;Urologisch;Endokrin;Vaskulär;Seite;CEA;CA "
        "19-9;Endoskopie;OP-Verfahren;T;N;UICC;Grading;L;V;Pn;"
        "Durchmesser (cm);PFS;OS;Chemotherapie\n",
        out);
    for (int i = 0; i < rows; i++)
        fprintf(out,
                "%s-%d;Given%d;Family%d;%d;%02d.%02d.19%02d;p%d@clinic.example;01.%02d.2015;%d,5;%d;%d;1;0;99;0;1;%d;1;"
                "2;%d;%d;3;2;"
                "6;%d;0;1;99;%d,%d;%d;%d;%d\n",
                batch, i, i % 977, i, 1 + i % 2, 1 + i % 28, 1 + i % 12, 30 + i % 40, i, 1 + i % 12, 50 + i % 60,
                150 + i % 50, i % 2, 1 + i % 3, 1 + i % 4, 1 + i % 2, 1 + i % 4, 1 + i % 9, i % 10, i % 24, 24 + i % 60,
                1 + i % 3);
    fclose(out);
    return table;
}

struct cost {
    double check_s, commit_s, again_s;
    long peak_kib; /* above what there was before */
    int statements;
};

static int statements_sent(void)
{
    int lines = 0;
    for (const char *c = work_of(NULL, SENT); *c; c++)
        lines += *c == '\n';
    return lines;
}

static struct reply send_table(const char *table, size_t size)
{
    return api_call((struct call){.method = "POST",
                                  .token = AS_GENERAL,
                                  .path = "/api/v1/tumour-imports",
                                  .type = "text/csv",
                                  .body = table,
                                  .size = size});
}

static double seconds_since(int64_t begin_us)
{
    return (double)(clock_monotonic_us() - begin_us) / 1e6;
}

static struct cost import_of(int rows)
{
    struct cost cost;
    size_t size;
    char *table = table_of(rows, new_name("size"), &size);
    long before = memory_begin();
    work_forget();
    int64_t begin = clock_monotonic_us();
    REPLY checked = send_table(table, size);
    cost.check_s = seconds_since(begin);
    ck_status(&checked, 201);
    ck_assert_double_eq(number_at(&checked, "to_create"), rows);
    begin = clock_monotonic_us();
    REPLY done =
        api_post(AS_GENERAL, text_of("/api/v1/tumour-imports/%s/commit", text_at(&checked, "import_id")), "{}");
    cost.commit_s = seconds_since(begin);
    ck_status(&done, 200);
    begin = clock_monotonic_us();
    REPLY again = send_table(table, size);
    cost.again_s = seconds_since(begin);
    ck_assert_double_eq(number_at(&again, "unchanged"), rows);
    cost.peak_kib = memory_grown(before);
    cost.statements = statements_sent();
    fprintf(stderr,
            "%d rows, %.1f MB: checked in %.2f s, committed in %.2f s, checked again in %.2f s, memory +%ld KiB,"
            " %d statements\n",
            rows, (double)size / 1e6, cost.check_s, cost.commit_s, cost.again_s, cost.peak_kib, cost.statements);
    free(table);
    return cost;
}

START_TEST(an_import_takes_few_statements_and_memory_that_stays)
{
    const char *wanted = getenv("MNEMOS_IMPORT_ROWS");
    int rows = wanted ? (int)strtol(wanted, NULL, 10) : ROWS;
    import_of(rows / 8); /* what is needed once */
    struct cost small = import_of(rows / 8), large = import_of(rows);
    ck_assert_int_lt(large.statements - small.statements, rows / 10);
    ck_assert_msg(!MEMORY_COUNTS || large.peak_kib < 64 * 1024, "%d rows took %ld KiB", rows, large.peak_kib);
}
END_TEST

START_TEST(an_export_takes_memory_that_stays)
{
    static const char *const formats[] = {"csv", "xlsx", "ndjson"};
    for (size_t i = 0; i < COUNT(formats); i++) {
        int64_t begin = clock_monotonic_us();
        long before = memory_begin();
        REPLY file = api_get(AS_GENERAL, "/api/v1/tumour-export?format=%s", formats[i]);
        ck_assert_int_eq(file.status, 200);
        /* the answer is gathered in this process, too, and grows by doubling */
        long grown = memory_grown(before);
        fprintf(stderr, "exported as %s in %.2f s, %.1f MB\n", formats[i], seconds_since(begin),
                (double)file.size / 1e6);
        ck_assert(!MEMORY_COUNTS || grown < 64 * 1024 + 3 * (long)file.size / 1024);
    }
}
END_TEST

int main(void)
{
    setenv("TUMOUR_LEGEND", PROJECT_DIR "/services/users/legend/hospital.json", 1);
    return API_TESTS(&users_service, an_import_takes_few_statements_and_memory_that_stays,
                     an_export_takes_memory_that_stays);
}

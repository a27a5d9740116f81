#include "tests/support/unit.h"

#include "common/format/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct csv csv;
static char text[8192];

static void begin(const char *table)
{
    snprintf(text, sizeof text, "%s", table);
    csv_begin(&csv, text, strlen(table), ',');
}

/* The next record's cells, with | between them. */
static void ck_record(struct scene *s, size_t line, const char *cells)
{
    char joined[256] = "";
    ck_assert_int_eq(csv_next(&csv, &s->why), OK);
    for (size_t i = 0; i < csv.count; i++) {
        strcat(joined, i ? "|" : "");
        strcat(joined, csv.cells[i]);
    }
    ck_assert_str_eq(joined, cells);
    ck_assert_uint_eq(csv.line, line);
}

static void ck_end(struct scene *s)
{
    ck_assert_int_eq(csv_next(&csv, &s->why), NOT_FOUND);
    ck_assert(!s->why.detail);
}

START_TEST(csv_reads_records_whatever_their_lines_end_with)
{
    SCENE(s);
    begin("a,b\r\n1,2\n\n3,\r\n\r\n,4");
    ck_record(&s, 1, "a|b");
    ck_record(&s, 2, "1|2");
    ck_record(&s, 4, "3|");
    ck_record(&s, 6, "|4");
    ck_end(&s);
    begin("a,b,\n");
    ck_record(&s, 1, "a|b|");
    ck_end(&s);
    begin("a,");
    ck_record(&s, 1, "a|");
    ck_end(&s);
    begin("");
    ck_end(&s);
}
END_TEST

START_TEST(csv_reads_quoted_cells_with_quotes_separators_and_lines)
{
    SCENE(s);
    begin("\xEF\xBB\xBF\"a\",\"b \"\"c\"\"\"\n\"1,\n2\",\"\"\n3,4");
    ck_record(&s, 1, R"(a|b "c")");
    ck_record(&s, 2, "1,\n2|");
    ck_record(&s, 4, "3|4");
    ck_end(&s);
}
END_TEST

START_TEST(csv_refuses_what_is_no_table_and_names_the_line)
{
    static const char *const tables[] = {"a\n\"b", "a\n\"b\"c", "a\nb\"c\"", "a\n\"", "a\n\"b\"\"\n\n"};
    for (size_t i = 0; i < COUNT(tables); i++) {
        SCENE(s);
        begin(tables[i]);
        ck_record(&s, 1, "a");
        ck_assert_int_eq(csv_next(&csv, &s.why), MALFORMED);
        ck_assert_msg(strncmp(s.why.detail, "Line 2:", 7) == 0, "%s", s.why.detail);
    }
    SCENE(s);
    memcpy(text, "a\0b", sizeof "a\0b");
    csv_begin(&csv, text, 3, ',');
    ck_assert_int_eq(csv_next(&csv, &s.why), MALFORMED);
}
END_TEST

START_TEST(csv_refuses_more_columns_than_it_can_hold)
{
    SCENE(s);
    char table[CSV_COLUMNS_MAX + 1];
    memset(table, ',', sizeof table);
    table[CSV_COLUMNS_MAX] = '\0';
    begin(table);
    ck_assert_int_eq(csv_next(&csv, &s.why), MALFORMED);
    begin(table + 1);
    ck_assert_int_eq(csv_next(&csv, &s.why), OK);
    ck_assert_uint_eq(csv.count, CSV_COLUMNS_MAX);
}
END_TEST

/* A file without a name that holds the text. */
static int file_of(const char *bytes, size_t size)
{
    int fd = memfd_create("table", MFD_CLOEXEC);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

START_TEST(csv_reads_a_file_as_it_reads_a_text)
{
    static const char table[] = "\xEF\xBB\xBF\r\n\na;\"b;\n\"\r\n1;2";
    SCENE(s);
    int fd = file_of(table, sizeof table - 1);
    csv_begin_file(&csv, fd, 0);
    ck_record(&s, 3, "a|b;\n");
    ck_record(&s, 5, "1|2");
    ck_end(&s);
    csv_end(&csv);
    close(fd);
}
END_TEST

START_TEST(csv_reads_a_file_longer_than_its_window)
{
    enum { ROWS = 60000 };
    static char line[64];
    SCENE(s);
    FILE *file = tmpfile();
    for (int i = 0; i < ROWS; i++)
        fprintf(file, "%d,\"quoted, with\na line end in %d\"\n", i, i);
    rewind(file);
    csv_begin_file(&csv, fileno(file), ',');
    for (int i = 0; i < ROWS; i++) {
        ck_assert_int_eq(csv_next(&csv, &s.why), OK);
        snprintf(line, sizeof line, "quoted, with\na line end in %d", i);
        ck_assert_str_eq(csv.cells[1], line);
        ck_assert_uint_eq(csv.line, (size_t)(2 * i + 1));
    }
    ck_end(&s);
    csv_end(&csv);
    fclose(file);
}
END_TEST

START_TEST(csv_refuses_a_record_that_is_too_long_and_text_that_is_not_utf8)
{
    SCENE(s);
    char *bytes = malloc(CSV_RECORD_MAX + 100);
    memset(bytes, 'x', CSV_RECORD_MAX + 100);
    memcpy(bytes, "a\n", 2);
    int fd = file_of(bytes, CSV_RECORD_MAX + 100);
    csv_begin_file(&csv, fd, 0);
    ck_record(&s, 1, "a");
    ck_assert_int_eq(csv_next(&csv, &s.why), MALFORMED);
    ck_assert_msg(strstr(s.why.detail, "Line 2: the record is longer"), "%s", s.why.detail);
    csv_end(&csv);
    close(fd);
    free(bytes);
    static const char *const others[] = {"a\nM\xFCller\n", "a\n\xFF\xFE", "a\n\xED\xA0\x80"};
    for (size_t i = 0; i < COUNT(others); i++) {
        SCENE(t);
        begin(others[i]);
        ck_record(&t, 1, "a");
        ck_assert_int_eq(csv_next(&csv, &t.why), MALFORMED);
        ck_assert_msg(strstr(t.why.detail, "Line 2: the text is not UTF-8"), "%s", t.why.detail);
    }
}
END_TEST

START_TEST(csv_finds_the_separator_of_the_first_line)
{
    static const struct {
        const char *table, *cells;
    } cases[] = {{"a;b;\"c,,,\"\n", "a|b|c,,,"}, {"a\tb;\tc\n", "a|b;|c"}, {"a,b\n;;;", "a|b"}, {"a\n", "a"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        snprintf(text, sizeof text, "%s", cases[i].table);
        csv_begin(&csv, text, strlen(text), 0);
        ck_record(&s, 1, cases[i].cells);
    }
}
END_TEST

int main(void)
{
    return UNIT_TESTS(
        csv_reads_records_whatever_their_lines_end_with, csv_reads_quoted_cells_with_quotes_separators_and_lines,
        csv_refuses_what_is_no_table_and_names_the_line, csv_refuses_more_columns_than_it_can_hold,
        csv_reads_a_file_as_it_reads_a_text, csv_reads_a_file_longer_than_its_window,
        csv_refuses_a_record_that_is_too_long_and_text_that_is_not_utf8, csv_finds_the_separator_of_the_first_line);
}

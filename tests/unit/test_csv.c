#include "tests/support/unit.h"

#include "common/csv.h"

#include <stdio.h>
#include <string.h>

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
    ck_record(&s, 1, "a|b \"c\"");
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

int main(void)
{
    return UNIT_TESTS(csv_reads_records_whatever_their_lines_end_with,
                      csv_reads_quoted_cells_with_quotes_separators_and_lines,
                      csv_refuses_what_is_no_table_and_names_the_line, csv_refuses_more_columns_than_it_can_hold);
}

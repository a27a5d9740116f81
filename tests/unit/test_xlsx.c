/* Workbooks made by libxlsxwriter, and such as no spreadsheet makes, put together part by part. */
#include "common/format/xlsx.h"
#include "tests/support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>
#include <zip.h>

static char *temporary_path(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/mnemos-xlsx-%d", getpid());
    return path;
}

/* ---- whole parts ---- */

#define WORKBOOK  "<workbook xmlns:r='r'><sheets><sheet name='A' sheetId='1' r:id='r1'/></sheets></workbook>"
#define RELATIONS "<Relationships><Relationship Id='r1' Type='t' Target='worksheets/a.xml'/></Relationships>"

struct piece {
    const char *name, *text;
};

/* The archive of a workbook whose parts are replaced by those given; the text of a part NULL: without it. */
static FILE *archive_of(const struct piece *pieces, size_t count)
{
    static const struct piece usual[] = {{"xl/workbook.xml", WORKBOOK}, {"xl/_rels/workbook.xml.rels", RELATIONS}};
    const char *path = temporary_path();
    zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    ck_assert_ptr_nonnull(z);
    for (size_t i = 0; i < COUNT(usual); i++)
        zip_file_add(z, usual[i].name, zip_source_buffer(z, usual[i].text, strlen(usual[i].text), 0), 0);
    for (size_t i = 0; i < count; i++)
        if (pieces[i].text)
            zip_file_add(z, pieces[i].name, zip_source_buffer(z, pieces[i].text, strlen(pieces[i].text), 0),
                         ZIP_FL_OVERWRITE);
        else
            zip_delete(z, (zip_uint64_t)zip_name_locate(z, pieces[i].name, 0));
    ck_assert_int_eq(zip_close(z), 0);
    FILE *file = fopen(path, "re");
    unlink(path);
    return file;
}

/* All rows as text: "1: a|b(n)\n"; the kinds of cells that are no text in brackets. */
static enum status read_all(int fd, char *out, size_t room, struct problem *why)
{
    static const char *const marks[] = {"", "", "(n)", "(d)", "(b)", "(f)", "(e)"};
    struct xlsx *x = NULL;
    struct xlsx_row row;
    *out = '\0';
    enum status status = xlsx_open(fd, &x, why);
    while (status == OK && (status = xlsx_next(x, &row, why)) == OK) {
        size_t used = strlen(out);
        used += (size_t)snprintf(out + used, room - used, "%zu: ", row.number);
        for (size_t i = 0; i < row.count && used < room; i++)
            used += (size_t)snprintf(out + used, room - used, "%s%s%s", i ? "|" : "", row.cells[i].text,
                                     marks[row.cells[i].kind]);
        if (used + 1 < room)
            strcpy(out + used, "\n");
    }
    xlsx_close(x);
    return status;
}

static void ck_rows(const struct piece *pieces, size_t count, const char *expected)
{
    SCENE(s);
    char rows[4096];
    FILE *file = archive_of(pieces, count);
    enum status status = read_all(fileno(file), rows, sizeof rows, &s.why);
    ck_assert_msg(status == NOT_FOUND && s.why.error_count == 0, "%s",
                  s.why.error_count ? s.why.errors[0].detail : "no end");
    ck_assert_str_eq(rows, expected);
    fclose(file);
}

static void ck_refused(const struct piece *pieces, size_t count, enum status expected, const char *sentence)
{
    SCENE(s);
    char rows[4096];
    FILE *file = archive_of(pieces, count);
    enum status status = read_all(fileno(file), rows, sizeof rows, &s.why);
    ck_assert_msg(status == expected, "%d instead of %s", (int)status, sentence);
    ck_noted(&s.why, "/file", sentence);
    fclose(file);
}

#define ROWS_OF(expected, ...) \
    ck_rows((const struct piece[]){__VA_ARGS__}, COUNT(((const struct piece[]){__VA_ARGS__})), expected)
#define REFUSED(status, sentence, ...) \
    ck_refused((const struct piece[]){__VA_ARGS__}, COUNT(((const struct piece[]){__VA_ARGS__})), status, sentence)
#define SHEET(rows) \
    { \
        "xl/worksheets/a.xml", "<worksheet><sheetData>" rows "</sheetData></worksheet>" \
    }

START_TEST(xlsx_reads_what_a_spreadsheet_writes)
{
    const char *path = temporary_path();
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "Tumours");
    lxw_format *day = workbook_add_format(book), *clock = workbook_add_format(book), *red = workbook_add_format(book);
    lxw_datetime birth = {.year = 1951, .month = 2, .day = 28}, seen = {2024, 2, 29, 13, 5, 7};
    format_set_num_format(day, "dd.mm.yyyy");
    format_set_num_format(clock, "[h]:mm");
    format_set_num_format(red, R"([Red]0.0" days")");
    worksheet_write_string(sheet, 0, 0, "Name", NULL);
    worksheet_write_string(sheet, 0, 2, R"(Größe <cm> & "so")", NULL);
    worksheet_write_string(sheet, 2, 0, "Name", NULL);
    worksheet_write_number(sheet, 2, 1, 66.3, NULL);
    worksheet_write_datetime(sheet, 2, 2, &birth, day);
    worksheet_write_datetime(sheet, 2, 3, &seen, day);
    worksheet_write_boolean(sheet, 2, 4, 1, NULL);
    worksheet_write_formula_num(sheet, 2, 5, "=1+1", NULL, 2);
    worksheet_write_number(sheet, 2, 6, 0.5, clock);
    worksheet_write_number(sheet, 2, 7, 12.5, red);
    workbook_close(book);
    SCENE(s);
    char rows[4096];
    FILE *file = fopen(path, "re");
    unlink(path);
    ck_assert(xlsx_looks_like(fileno(file)));
    ck_assert_int_eq(read_all(fileno(file), rows, sizeof rows, &s.why), NOT_FOUND);
    ck_assert_str_eq(rows, "1: Name||Größe <cm> & \"so\"\n"
                           "3: Name|66.3(n)|1951-02-28(d)|2024-02-29T13:05:07(d)|TRUE(b)|(f)|0.5(n)|12.5(n)\n");
    fclose(file);
}
END_TEST

START_TEST(xlsx_reads_texts_within_cells_shared_ones_and_runs)
{
    ROWS_OF("1: ab||c\n2: 1(n)|x y\n4: #N/A(e)|2024-01-31(d)|(f)\n",
            {"xl/sharedStrings.xml",
             "<sst><si><t>c</t></si><si><r><t>x </t></r><r><t>y</t></r><rPh><t>no</t></rPh></si></sst>"},
            SHEET("<row r='1'><c r='A1' t='inlineStr'><is><r><t>a</t></r><rPh><t>no</t></rPh><r><t>b</t></r></is></c>"
                  "<c r='C1' t='s'><v>0</v></c></row><row><c><v>1.0</v></c><c t='s'><v>1</v></c></row>"
                  "<row r='3'/><row r='4'><c t='e'><v>#N/A</v></c><c t='d'><v>2024-01-31</v></c>"
                  "<c t='str'><f>A1</f><v>stale</v></c></row>"));
}
END_TEST

START_TEST(xlsx_knows_both_calendars_and_the_day_that_never_was)
{
#define STYLES \
    {"xl/styles.xml", "<styleSheet><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>" \
                      "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"}
#define SERIALS \
    "<row><c s='1'><v>1</v></c><c s='1'><v>59</v></c><c s='1'><v>60</v></c><c s='1'><v>61</v></c>" \
    "<c s='1'><v>45000</v></c><c s='1'><v>-1</v></c><c s='1'><v>99999999</v></c><c><v>45000</v></c></row>"
    ROWS_OF("1: 1900-01-01(d)|1900-02-28(d)|60(n)|1900-03-01(d)|2023-03-15(d)|-1(n)|99999999(n)|45000(n)\n", STYLES,
            SHEET(SERIALS));
    ROWS_OF("1: 1904-01-02(d)|1904-02-29(d)|1904-03-01(d)|1904-03-02(d)|2027-03-16(d)|-1(n)|99999999(n)|45000(n)\n",
            STYLES, SHEET(SERIALS),
            {"xl/workbook.xml", "<workbook xmlns:r='r'><workbookPr date1904='1'/><sheets>"
                                "<sheet name='A' sheetId='1' r:id='r1'/></sheets></workbook>"});
}
END_TEST

START_TEST(xlsx_reads_the_first_sheet_that_can_be_seen)
{
    ROWS_OF("1: 5(n)\n", SHEET("<row><c><v>5</v></c></row>"),
            {"xl/workbook.xml", "<x:workbook xmlns:x='x' xmlns:r='r'><x:sheets><x:sheet state='hidden' r:id='r0'/>"
                                "<x:sheet r:id='r1'/></x:sheets></x:workbook>"},
            {"xl/_rels/workbook.xml.rels",
             "<Relationships><Relationship Id='r1' Target='/xl/worksheets/a.xml'/></Relationships>"});
}
END_TEST

START_TEST(xlsx_refuses_tricks_with_entities_and_other_files)
{
    REFUSED(MALFORMED, "document type",
            {"xl/worksheets/a.xml", "<!DOCTYPE w [<!ENTITY a 'ha'>]><worksheet><sheetData/></worksheet>"});
    REFUSED(MALFORMED, "document type", {"xl/sharedStrings.xml", "<!DOCTYPE s SYSTEM 'file:///etc/passwd'><sst/>"},
            SHEET(""));
    REFUSED(MALFORMED, "not well-formed", SHEET("<row><c t='inlineStr'><is><t>&a;</t></is></c></row>"));
    REFUSED(MALFORMED, "in another file", SHEET(""),
            {"xl/_rels/workbook.xml.rels",
             "<Relationships><Relationship Id='r1' TargetMode='External' Target='http://x/'/></Relationships>"});
    REFUSED(MALFORMED, "no workbook with a visible sheet", {"xl/workbook.xml", NULL});
    REFUSED(MALFORMED, "no workbook with a visible sheet", {"xl/worksheets/b.xml", "<worksheet/>"});
}
END_TEST

START_TEST(xlsx_refuses_what_is_out_of_order_or_beyond_bounds)
{
    REFUSED(MALFORMED, "rows are not in order", SHEET("<row r='2'><c><v>1</v></c></row><row r='2'/>"));
    REFUSED(MALFORMED, "cells are not in order", SHEET("<row><c r='B1'><v>1</v></c><c r='A1'><v>1</v></c></row>"));
    REFUSED(MALFORMED, "cells are not in order", SHEET("<row><c r='1A'><v>1</v></c></row>"));
    REFUSED(TOO_LARGE, "more than 1000 columns", SHEET("<row><c r='ZZZ1'><v>1</v></c></row>"));
    REFUSED(MALFORMED, "shared text that is not there", SHEET("<row><c t='s'><v>0</v></c></row>"));
    REFUSED(MALFORMED, "not well-formed", SHEET("<row><c></row>"));
    char deep[2000] = "<worksheet>";
    for (int i = 0; i < 100; i++)
        strcat(deep, "<a>");
    REFUSED(MALFORMED, "nested too deeply", {"xl/worksheets/a.xml", deep});
}
END_TEST

START_TEST(xlsx_refuses_a_bomb)
{
    enum { SIZE = 20 * 1024 * 1024 };
    static const char head[] = "<worksheet><sheetData><row><c t='inlineStr'><is><t>";
    char *bomb = malloc(SIZE + 1);
    memset(bomb, ' ', SIZE);
    bomb[SIZE] = '\0';
    memcpy(bomb, head, sizeof head - 1);
    REFUSED(TOO_LARGE, "1 MiB", {"xl/worksheets/a.xml", bomb});
    memcpy(bomb, "<worksheet>            ", 23);
    bomb[60] = ' ';
    memset(bomb + 23, ' ', 60);
    REFUSED(TOO_LARGE, "200 times its size", {"xl/worksheets/a.xml", bomb});
    free(bomb);
}
END_TEST

/* It unpacks to twice its size only. */
START_TEST(xlsx_refuses_a_comment_without_end)
{
    enum { SIZE = 3 * 1024 * 1024 };
    static const char head[] = "<worksheet><sheetData/><!--";
    char *comment = malloc(SIZE + 1);
    uint32_t random = 1;
    for (size_t i = 0; i < SIZE; i++) {
        random = random * 1664525 + 1013904223;
        comment[i] = "0123456789abcdef"[random >> 28];
    }
    memcpy(comment, head, sizeof head - 1);
    comment[SIZE] = '\0';
    REFUSED(TOO_LARGE, "a tag or a comment has more than 1 MiB", {"xl/worksheets/a.xml", comment});
    free(comment);
}
END_TEST

START_TEST(xlsx_refuses_a_crowd_of_parts)
{
    static char names[XLSX_PARTS_MAX][16];
    static struct piece pieces[XLSX_PARTS_MAX];
    for (int i = 0; i < XLSX_PARTS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "p%d", i);
        pieces[i] = (struct piece){names[i], "x"};
    }
    ck_refused(pieces, XLSX_PARTS_MAX, TOO_LARGE, "more than 1000 parts");
}
END_TEST

START_TEST(xlsx_refuses_what_is_no_archive)
{
    static const char *const files[] = {"", "a,b\n1,2\n", "PK\x03\x04",
                                        "PK\x03\x04 and then nothing that belongs to it"};
    for (size_t i = 0; i < COUNT(files); i++) {
        SCENE(s);
        struct xlsx *x = NULL;
        FILE *file = tmpfile();
        fputs(files[i], file);
        fflush(file);
        ck_assert_int_eq(xlsx_open(fileno(file), &x, &s.why), MALFORMED);
        ck_noted(&s.why, "/file", "cannot be read");
        fclose(file);
    }
}
END_TEST

START_TEST(xlsx_refuses_a_part_that_was_damaged)
{
    SCENE(s);
    char bytes[8192], rows[512];
    FILE *file = archive_of((const struct piece[]){SHEET("<row><c><v>123456789</v></c></row>")}, 1);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    int refused = 0;
    for (size_t i = 4; i < size; i += 3) { /* wherever one byte changes, it ends in rows or in a refusal */
        bytes[i] = (char)(bytes[i] ^ 0x41);
        file = tmpfile();
        fwrite(bytes, 1, size, file);
        fflush(file);
        problem_reset(&s.why, &s.arena);
        refused += read_all(fileno(file), rows, sizeof rows, &s.why) != NOT_FOUND;
        fclose(file);
        bytes[i] = (char)(bytes[i] ^ 0x41);
    }
    ck_assert_int_gt(refused, 50);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(xlsx_reads_what_a_spreadsheet_writes, xlsx_reads_texts_within_cells_shared_ones_and_runs,
                      xlsx_knows_both_calendars_and_the_day_that_never_was, xlsx_reads_the_first_sheet_that_can_be_seen,
                      xlsx_refuses_tricks_with_entities_and_other_files,
                      xlsx_refuses_what_is_out_of_order_or_beyond_bounds, xlsx_refuses_a_bomb,
                      xlsx_refuses_a_comment_without_end, xlsx_refuses_a_crowd_of_parts,
                      xlsx_refuses_what_is_no_archive, xlsx_refuses_a_part_that_was_damaged);
}

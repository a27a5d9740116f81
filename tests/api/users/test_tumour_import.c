/* Spreadsheets: checked first, and then committed as they were checked. */
#include "services/users/tumour/tumour_import.h"
#include "tests/support/api.h"
#include "tests/support/wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

static struct reply send_file(const char *query, const char *type, const char *bytes, size_t size)
{
    return api_call((struct call){.method = "POST",
                                  .token = AS_GENERAL,
                                  .path = text_of("/api/v1/tumour-imports%s", query),
                                  .type = type,
                                  .body = bytes,
                                  .size = size});
}

static struct reply send_csv(const char *query, const char *table)
{
    return send_file(query, "text/csv", table, strlen(table));
}

static struct reply commit(const struct reply *checked, const char *body)
{
    return api_post(AS_GENERAL, text_of("/api/v1/tumour-imports/%s/commit", text_at(checked, "import_id")), "%s", body);
}

static void ck_counts(const struct reply *r, int create, int change, int unchanged, int wrong)
{
    const char *counts = text_of("%.0f %.0f %.0f %.0f", number_at(r, "to_create"), number_at(r, "to_change"),
                                 number_at(r, "unchanged"), number_at(r, "wrong_rows"));
    ck_assert_str_eq(counts, text_of("%d %d %d %d", create, change, unchanged, wrong));
}

static struct reply check_csv(const char *table, int create, int change, int unchanged, int wrong)
{
    struct reply r = send_csv("", table);
    ck_status(&r, 201);
    ck_counts(&r, create, change, unchanged, wrong);
    return r;
}

static void commit_csv(const char *table, int create, int change)
{
    REPLY r = check_csv(table, create, change, 0, 0);
    REPLY done = commit(&r, "{}");
    ck_reply(&done, 200, "state", "committed");
}

/* The record of a patient number. */
static const char *member_of(const char *number, const char *column)
{
    return sql_value("SELECT %s::text FROM users.tumour WHERE source_key = 'hospital:%s'", column, number);
}

#define HEAD "Patientennummer;Vorname;Nachname;Geschlecht;Geburtsdatum;OP-Datum;Gewicht (kg);T;CEA;UICC;Chemotherapy\n"

START_TEST(a_file_is_checked_and_then_committed)
{
    const char *a = new_name("n"), *b = new_name("n");
    const char *table = text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;72,5;3;99;6;2\n"
                                     "%s;Olin;\"Va;rd\";1;1949-12-31;2016-04-05;;4;1;7;\n",
                                a, b);
    REPLY checked = check_csv(table, 2, 0, 0, 0);
    ck_assert_str_eq(text_at(&checked, "state"), "checked");
    ck_assert_str_eq(text_at(&checked, "legend"), "hospital");
    ck_assert_str_eq(text_at(&checked, "/columns/3/member"), "gender");
    ck_assert_ptr_null(member_of(a, "id"));
    REPLY done = commit(&checked, "{}");
    ck_reply(&done, 200, "state", "committed");
    ck_assert_str_eq(member_of(a, "last_name"), "Tovins");
    ck_assert_str_eq(member_of(a, "birth_date"), "1950-02-03");
    ck_assert_str_eq(member_of(a, "weight_kg"), "72.5");
    ck_assert_str_eq(member_of(a, "pt || gender || cea || uicc || treatment"),
                     "T3femalenot_determined3bfolfox_or_xelox");
    ck_assert_str_eq(member_of(a, "age_at_operation"), "65");
    ck_assert_str_eq(member_of(b, "last_name || uicc"), "Va;rd3c");
    ck_assert_ptr_null(member_of(b, "treatment"));
    REPLY again = commit(&checked, "{}");
    ck_reply(&again, 200, "state", "committed");
}
END_TEST

START_TEST(the_same_file_once_more_changes_nothing)
{
    const char *table = text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;72,5;3;99;6;2\n", new_name("n"));
    commit_csv(table, 1, 0);
    REPLY again = check_csv(table, 0, 0, 1, 0);
    REPLY done = commit(&again, "{}");
    ck_reply(&done, 200, "state", "committed");
    static const char nameless[] = "Vorname,Nachname,Geburtsdatum,OP-Datum,T\nIda,Lund,1950-02-03,2015-03-01,2\n";
    commit_csv(nameless, 1, 0);
    REPLY without_number = check_csv(nameless, 0, 0, 1, 0);
    ck_status(&without_number, 201);
}
END_TEST

START_TEST(members_without_a_cell_stay_as_they_are)
{
    const char *number = new_name("n");
    commit_csv(text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;72,5;3;99;6;2\n", number), 1, 0);
    commit_csv(text_of("Patient ID,First name,Last name,Grading,T\n%s,Marela,Tovins,2,\n", number), 0, 1);
    ck_assert_str_eq(member_of(number, "pt || grading || uicc"), "T3G23b");
    ck_assert_str_eq(member_of(number, "version"), "2");
}
END_TEST

START_TEST(each_wrong_cell_is_told_with_line_column_and_value)
{
    const char *number = new_name("n");
    REPLY r = check_csv(text_of(HEAD "%s;Marela;Tovins;3;31.02.1950;01.03.2015;72.5;3;99;8;2\n"
                                     ";Marela;Tovins;2;03.02.1950;01.03.2015;;;;;\n"
                                     "%s-b;Marela;Tovins;2;03.02.2050;01.03.2015;900;;;;\n"
                                     "%s-c;Marela;Tovins;2;03.02.1950;01.03.2015;;;;;\n"
                                     "%s-c;Marela;Tovins;2;03.02.1950;01.03.2015;;;;;\n"
                                     "%s-d;Marela;Tovins;2\n",
                                number, number, number, number, number),
                        1, 0, 0, 5);
    REPLY errors = api_get(AS_GENERAL, "/api/v1/tumour-imports/%s/errors", text_at(&r, "import_id"));
    ck_reply(&errors, 200, "/items/0/line", "2");
    ck_assert_str_eq(text_at(&errors, "/items/0/heading"), "Geschlecht");
    ck_assert_str_eq(text_at(&errors, "/items/0/value"), "3");
    ck_assert_str_eq(text_at(&errors, "/items/0/member"), "gender");
    ck_assert_str_eq(text_at(&errors, "/items/0/detail"), "is no code of the legend, which has: 1, 2");
    ck_assert_str_eq(text_at(&errors, "/items/1/value"), "31.02.1950");
    ck_assert_str_eq(text_at(&errors, "/items/2/value"), "72.5");
    ck_assert_str_eq(text_at(&errors, "/items/3/heading"), "UICC");
    ck_assert_str_eq(text_at(&errors, "/items/4/member"), "source_key");
    ck_assert_str_eq(text_at(&errors, "/items/5/member"), "weight_kg");
    ck_assert(strstr(errors.body, "is about the same patient as line 5"));
    ck_assert(strstr(errors.body, "has 4 cells, and the first line 11"));
    REPLY page = api_get(AS_GENERAL, "/api/v1/tumour-imports/%s/errors?limit=1", text_at(&r, "import_id"));
    REPLY next = api_get(AS_GENERAL, "/api/v1/tumour-imports/%s/errors?after=%s", text_at(&r, "import_id"),
                         text_at(&page, "next"));
    ck_reply(&next, 200, "/items/0/number", "2");
    REPLY refused = commit(&r, "{}");
    ck_status(&refused, 409);
    REPLY done = commit(&r, R"({"without_wrong_rows": true})");
    ck_reply(&done, 200, "state", "committed");
    ck_assert_str_eq(member_of(text_of("%s-c", number), "gender"), "female");
}
END_TEST

START_TEST(a_file_is_not_committed_when_its_records_have_changed_since)
{
    const char *number = new_name("n");
    const char *table = text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;72,5;3;99;6;2\n", number);
    REPLY first = check_csv(table, 1, 0, 0, 0), second = check_csv(table, 1, 0, 0, 0);
    REPLY done = commit(&first, "{}");
    ck_status(&done, 200);
    REPLY late = commit(&second, "{}");
    ck_status(&late, 409);
    REPLY change = check_csv(text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;;4;99;6;2\n", number), 0, 1, 0, 0);
    sql_value("UPDATE users.tumour SET grading = 'G2' WHERE source_key = 'hospital:%s'", number);
    REPLY stale = commit(&change, "{}");
    ck_status(&stale, 409);
    ck_assert_str_eq(member_of(number, "pt || grading"), "T3G2");
}
END_TEST

START_TEST(the_history_and_the_access_log_tell_of_imported_records)
{
    const char *number = new_name("n");
    commit_csv(text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;;3;99;6;2\n", number), 1, 0);
    commit_csv(text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;;4;99;6;2\n", number), 0, 1);
    const char *id = text_of("%s", member_of(number, "id"));
    REPLY history = api_get(AS_GENERAL, "/api/v1/tumours/%s/history", id);
    ck_reply(&history, 200, "/items/1/pt", "T3");
    ck_assert_str_eq(sql_value("SELECT string_agg(action || ' ' || outcome, ',' ORDER BY id) FROM auth.access_log"
                               " WHERE subject_id = '%s' AND outcome = 'written'",
                               id),
                     "tumour_import.commit written,tumour_import.commit written");
}
END_TEST

START_TEST(a_workbook_is_read_like_a_table)
{
    char path[64];
    static char bytes[65536];
    const char *number = new_name("n");
    snprintf(path, sizeof path, "/tmp/mnemos-import-%d.xlsx", getpid());
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, NULL);
    lxw_format *day = workbook_add_format(book);
    lxw_datetime birth = {.year = 1950, .month = 2, .day = 3};
    static const char *const headings[] = {"Patient ID",    "First name",  "Last name", "Sex",
                                           "Date of birth", "Weight (kg)", "Remarks",   "BMI"};
    for (size_t i = 0; i < COUNT(headings); i++)
        worksheet_write_string(sheet, 0, (lxw_col_t)i, headings[i], NULL);
    format_set_num_format(day, "dd.mm.yyyy");
    worksheet_write_string(sheet, 1, 0, number, NULL);
    worksheet_write_string(sheet, 1, 1, "Marela", NULL);
    worksheet_write_string(sheet, 1, 2, "Tovins", NULL);
    worksheet_write_number(sheet, 1, 3, 2, NULL);
    worksheet_write_datetime(sheet, 1, 4, &birth, day);
    worksheet_write_number(sheet, 1, 5, 72.5, NULL);
    worksheet_write_string(sheet, 1, 6, "nothing of ours", NULL);
    worksheet_write_string(sheet, 2, 0, text_of("%s-b", number), NULL);
    worksheet_write_string(sheet, 2, 1, "Marela", NULL);
    worksheet_write_string(sheet, 2, 2, "Tovins", NULL);
    worksheet_write_formula(sheet, 2, 7, "=F2/2", NULL);
    workbook_close(book);
    FILE *file = fopen(path, "re");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    unlink(path);
    REPLY r = send_file("", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes, size);
    ck_status(&r, 201);
    ck_counts(&r, 1, 0, 0, 1);
    REPLY errors = api_get(AS_GENERAL, "/api/v1/tumour-imports/%s/errors", text_at(&r, "import_id"));
    ck_reply(&errors, 200, "/items/0/detail", "is a formula; put its value in its place");
    REPLY done = commit(&r, R"({"without_wrong_rows": true})");
    ck_status(&done, 200);
    ck_assert_str_eq(member_of(number, "gender || birth_date || weight_kg"), "female1950-02-0372.5");
}
END_TEST

START_TEST(a_legend_may_come_with_the_file)
{
    const char *number = new_name("n");
    const char *form = text_of("--b\r\nContent-Disposition: form-data; name=file; filename=a.csv\r\n\r\n"
                               "No,Given,Family,Side\n%s,Ida,Lund,R\n%s-b,Ida,Lund,X\n\r\n"
                               "--b\r\nContent-Disposition: form-data; name=own_legend\r\n\r\n"
                               R"({"name": "other", "columns": {"source_key": {"headings": ["No"]},)"
                               R"( "first_name": {"headings": ["Given"]}, "last_name": {"headings": ["Family"]},)"
                               R"( "tumour_side": {"headings": ["Side"], "codes": {"R": "right"}}}})"
                               "\r\n--b--",
                               number, number);
    REPLY r = send_file("", "multipart/form-data; boundary=b", form, strlen(form));
    ck_reply(&r, 201, "legend", "other");
    ck_counts(&r, 1, 0, 0, 1);
    REPLY wrong = send_csv("?own_legend=%7B%22name%22:1%7D", "a\n");
    ck_status(&wrong, 422);
    ck_refuses(&wrong, "/own_legend/name");
    ck_refuses(&wrong, "/own_legend/columns");
}
END_TEST

START_TEST(a_file_that_is_no_table_of_patients_is_refused)
{
    REPLY empty = send_csv("", "");
    ck_refuses(&empty, "/file");
    REPLY headless = send_csv("", "1,2,3\n4,5,6\n");
    ck_refuses(&headless, "/file");
    REPLY twice = send_csv("", "Vorname,Nachname,First name\n");
    ck_refuses(&twice, "/file");
    REPLY latin = send_csv("", "Vorname,Nachname\nJ\xF6rg,X\n");
    ck_status(&latin, 400);
    REPLY quote = send_csv("", "Vorname,Nachname\n\"a,b\n");
    ck_status(&quote, 400);
    REPLY bomb = send_csv("", "PK\x03\x04 no archive");
    ck_status(&bomb, 400);
}
END_TEST

START_TEST(an_import_is_discarded_or_expires)
{
    const char *table = text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;;3;99;6;2\n", new_name("n"));
    REPLY r = check_csv(table, 1, 0, 0, 0), other = check_csv(table, 1, 0, 0, 0);
    const char *id = kept_at(&r, "import_id"), *expired = kept_at(&other, "import_id");
    sql_value("UPDATE shared.import SET created_at = created_at + CASE WHEN id = '%s' THEN interval '1 s'"
              " ELSE interval '2 s' END WHERE id IN ('%s', '%s')",
              id, id, expired); /* later than those of other scenes, and than each other */
    REPLY list = api_get(AS_GENERAL, "/api/v1/tumour-imports?limit=1"),
          older = api_get(AS_GENERAL, "/api/v1/tumour-imports?limit=1&after=%s", text_at(&list, "next"));
    ck_reply(&older, 200, "/items/0/import_id", id);
    REPLY gone = api_change("DELETE", AS_GENERAL, text_of("/api/v1/tumour-imports/%s", id), NULL, TAG(1));
    ck_assert_int_eq(gone.status, 204);
    REPLY absent = api_get(AS_GENERAL, "/api/v1/tumour-imports/%s", id);
    ck_status(&absent, 404);
    sql_value("UPDATE shared.import SET expires_at = now() - interval '1 second' WHERE id = '%s'", expired);
    REPLY late = commit(&other, "{}");
    ck_status(&late, 404);
}
END_TEST

/* More rows than go at a time, and nobody sends another file meanwhile. */
START_TEST(expired_imports_are_removed_by_themselves)
{
    const char *table = text_of(HEAD "%s;Marela;Tovins;2;03.02.1950;01.03.2015;;3;99;6;2\n", new_name("n"));
    REPLY left = check_csv(table, 1, 0, 0, 0), kept = check_csv(table, 1, 0, 0, 0);
    const char *id = kept_at(&left, "import_id");
    sql_value("INSERT INTO shared.import_row (import_id, line, record) SELECT s.import_id, n, s.record"
              "   FROM shared.import_row s, generate_series(3, 12000) n WHERE s.import_id = '%s'",
              id);
    sql_value("INSERT INTO shared.import_error (import_id, number, line, detail) VALUES ('%s', 1, 2, 'wrong')", id);
    sql_value("UPDATE shared.import SET expires_at = now() - interval '1 second' WHERE id = '%s'", id);
    WAIT_UNTIL(strcmp(sql_value("SELECT count(*) FROM shared.import WHERE id = '%s'", id), "0") == 0);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.import_row WHERE import_id = '%s'", id), "0");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM shared.import_error WHERE import_id = '%s'", id), "0");
    REPLY still = api_get(AS_GENERAL, "/api/v1/tumour-imports/%s", text_at(&kept, "import_id"));
    ck_reply(&still, 200, "to_create", "1");
}
END_TEST

static struct reply export_as(const char *token, const char *query)
{
    struct reply r = api_get(token, "/api/v1/tumour-export?%s", query);
    ck_assert_msg(r.status == 200, "%ld %s", r.status, r.body);
    return r;
}

/* The last name is what a spreadsheet would take for a formula. */
static const char *make_tumour(const char *first_name, const char *last_name)
{
    REPLY made = api_post(
        AS_GENERAL, "/api/v1/tumours",
        R"({"first_name": "%s", "last_name": "%s", "birth_date": "1950-02-03", "operation_date": "2015-03-01",)"
        R"( "weight_kg": 72.5, "height_cm": 168, "pt": "T3", "email": "ida@clinic.example", "treatment": "none"})",
        first_name, last_name);
    ck_status(&made, 201);
    return kept_at(&made, "tumour_id");
}

START_TEST(an_export_that_is_imported_again_changes_nothing)
{
    static const char *const formats[] = {"csv", "xlsx"};
    const char *name = new_id();
    commit_csv(text_of(HEAD "%s;%s;Tovins;2;03.02.1950;01.03.2015;72,5;3;99;6;2\n", new_name("n"), name), 1, 0);
    static const char *const last_names[] = {"=1+1", "-2", "@x", "'quoted", R"(a, \"b\")", "+", "'"};
    for (size_t i = 0; i < COUNT(last_names); i++)
        make_tumour(name, last_names[i]);
    for (size_t i = 0; i < COUNT(formats); i++) {
        REPLY file = export_as(AS_GENERAL, text_of("format=%s&name=%s", formats[i], name));
        REPLY again = send_file("?legend=mnemos", spreadsheet_upload.media_types[i], file.body, file.size);
        ck_status(&again, 201);
        ck_counts(&again, 0, 0, 1 + (int)COUNT(last_names), 0);
    }
}
END_TEST

START_TEST(no_cell_of_an_export_is_a_formula)
{
    const char *name = new_id();
    make_tumour(name, "=HYPERLINK(1)");
    REPLY csv = export_as(AS_GENERAL, text_of("name=%s", name));
    ck_assert_ptr_nonnull(strstr(csv.body, ",\"'=HYPERLINK(1)\","));
    ck_assert_ptr_null(strstr(csv.body, ",="));
    ck_assert(strstr(header_of(&csv, "Content-Disposition"), "tumours.csv"));
    REPLY lines = export_as(AS_GENERAL, text_of("format=ndjson&name=%s", name));
    ck_assert(strstr(lines.body, "\"last_name\":\"=HYPERLINK(1)\""));
}
END_TEST

START_TEST(an_export_has_what_the_filters_let_through)
{
    const char *name = new_id();
    make_tumour(name, "Lund");
    REPLY found = export_as(AS_GENERAL, text_of("format=ndjson&pt=T3&name=%s", name));
    ck_assert(strstr(found.body, name));
    REPLY none = export_as(AS_GENERAL, text_of("format=ndjson&pt=T1&name=%s", name));
    ck_assert_uint_eq(none.size, 0);
    REPLY on_the_day = export_as(
        AS_GENERAL, text_of("name=%s&format=ndjson&min_operation_date=2015-03-01&max_operation_date=2015-03-01", name));
    ck_assert(strstr(on_the_day.body, name));
    REPLY lighter = export_as(AS_GENERAL, text_of("name=%s&format=ndjson&max_weight_kg=72.4", name));
    ck_assert_uint_eq(lighter.size, 0);
}
END_TEST

START_TEST(researchers_get_no_names_days_and_ids)
{
    static const char *const formats[] = {"csv", "ndjson"};
    const char *name = new_id(), *id = make_tumour(name, "Lund");
    for (size_t i = 0; i < COUNT(formats); i++) {
        REPLY file = export_as(AS_RESEARCHER, text_of("format=%s", formats[i]));
        ck_assert(strstr(file.body, "T3"));
        const char *const told[] = {name, id, "Lund", "1950-02-03", "2015-03-01", "clinic.example", "hospital:"};
        for (size_t j = 0; j < COUNT(told); j++)
            ck_assert_msg(!strstr(file.body, told[j]), "%s tells %s", formats[i], told[j]);
    }
    REPLY named = api_get(AS_RESEARCHER, "/api/v1/tumour-export?name=%s", name);
    ck_status(&named, 422);
    ck_refuses(&named, "/name");
    REPLY dated = api_get(AS_RESEARCHER, "/api/v1/tumour-export?max_birth_date=1950-02-03&min_age_at_operation=65");
    ck_status(&dated, 422);
    ck_refuses(&dated, "/max_birth_date");
    REPLY by_choice = export_as(AS_GENERAL, "deidentified=true");
    ck_assert_ptr_null(strstr(by_choice.body, "Lund"));
    ck_assert_str_ne(
        sql_value("SELECT count(*) FROM auth.access_log WHERE action = 'tumour.export' AND outcome = 'read'"), "0");
}
END_TEST

int main(void)
{
    setenv("TUMOUR_LEGEND", PROJECT_DIR "/services/users/legend/hospital.json", 1);
    setenv("SWEEP_SECONDS", "1", 1);
    return API_TESTS(&users_service, a_file_is_checked_and_then_committed, the_same_file_once_more_changes_nothing,
                     members_without_a_cell_stay_as_they_are, each_wrong_cell_is_told_with_line_column_and_value,
                     a_file_is_not_committed_when_its_records_have_changed_since,
                     the_history_and_the_access_log_tell_of_imported_records, a_workbook_is_read_like_a_table,
                     a_legend_may_come_with_the_file, a_file_that_is_no_table_of_patients_is_refused,
                     an_import_is_discarded_or_expires, expired_imports_are_removed_by_themselves,
                     an_export_that_is_imported_again_changes_nothing, no_cell_of_an_export_is_a_formula,
                     an_export_has_what_the_filters_let_through, researchers_get_no_names_days_and_ids);
}

/* Legends: how a hospital writes its spreadsheet: what a legend may say, and what cells say by it. */
#include "services/users/tumour/legend.h"
#include "tests/support/unit.h"

#include <string.h>

static struct arena arena;

#define COLUMNS(...) R"({"name": "north", "columns": {)" __VA_ARGS__ "}}"
#define GENDER       R"("gender": {"headings": ["Sex"], "codes": {"1": "male", "W": "female"}})"

/* The places that are refused, in the order of the errors: "/name /columns". */
static const char *refused(const char *text)
{
    static char list[1000];
    static struct legend legend;
    struct problem why;
    problem_reset(&why, &arena);
    enum status status = legend_parse(text, strlen(text), "", &arena, &legend, &why);
    ck_assert_int_eq(status, why.error_count ? INVALID : OK);
    list[0] = '\0';
    for (int i = 0; i < why.error_count; i++) {
        strcat(list, i ? " " : "");
        strcat(list, why.errors[i].pointer);
    }
    return list;
}

static const struct legend *legend_of(const char *text)
{
    static struct legend legend;
    struct problem why;
    problem_reset(&why, &arena);
    ck_assert_int_eq(legend_parse(text, strlen(text), "", &arena, &legend, &why), OK);
    return &legend;
}

static const struct legend_column *column_of(const struct legend *l, const char *heading)
{
    const struct legend_column *c = legend_find(l, heading);
    ck_assert_msg(c != NULL, "nothing is called %s", heading);
    return c;
}

/* The reading of a cell of a CSV file: "refused", "empty" or the value. */
static const char *said(const struct legend *l, const char *heading, const char *cell)
{
    const char *value = NULL, *complaint = NULL;
    if (legend_value(l, column_of(l, heading), cell, false, &arena, &value, &complaint) != OK)
        return complaint ? "refused" : "refused without a word";
    return value ? value : "empty";
}

START_TEST(a_legend_names_itself_and_at_least_one_column)
{
    ck_assert_str_eq(refused(COLUMNS(GENDER)), "");
    ck_assert_str_eq(refused("[]"), "/");
    ck_assert_str_eq(refused(R"({"name": "a", "name": "b"})"), "/");
    ck_assert_str_eq(refused("{}"), "/name /columns");
    ck_assert_str_eq(refused(R"({"name": "North Wing", "columns": {)" GENDER "}}"), "/name");
    ck_assert_str_eq(refused(R"({"name": "mnemos", "columns": {)" GENDER "}}"), "/name");
    ck_assert_str_eq(refused(R"({"name": "north", "colour": 1, "columns": {)" GENDER "}}"), "/colour");
}
END_TEST

START_TEST(columns_are_members_of_a_tumour_with_headings)
{
    ck_assert_str_eq(refused(COLUMNS(R"("shoe_size": {"headings": ["Shoes"]})")), "/columns/shoe_size");
    ck_assert_str_eq(refused(COLUMNS(R"("cea": 3)")), "/columns/cea");
    ck_assert_str_eq(refused(COLUMNS(R"("cea": {"headings": []})")), "/columns/cea/headings");
    ck_assert_str_eq(refused(COLUMNS(R"("cea": {"headings": ["CEA", "  "]})")), "/columns/cea/headings/1");
    ck_assert_str_eq(refused(COLUMNS(GENDER R"(, "cea": {"headings": [" sex ", "Sex"]})")), "/columns/cea/headings");
}
END_TEST

START_TEST(codes_stand_for_values_of_the_member)
{
    static const char twice[] = COLUMNS(R"("gender": {"headings": ["Sex"], "codes": {"m": "male", "M ": "female"}})");
    ck_assert_str_eq(refused(COLUMNS(R"("gender": {"headings": ["Sex"], "codes": {"1": "tall"}})")),
                     "/columns/gender/codes/1");
    ck_assert_str_eq(refused(COLUMNS(R"("gender": {"headings": ["Sex"], "codes": {}})")), "/columns/gender/codes");
    ck_assert_str_eq(refused(COLUMNS(R"("weight_kg": {"headings": ["kg"], "codes": {"1": "2"}})")),
                     "/columns/weight_kg/codes");
    ck_assert_str_eq(refused(twice), "/columns/gender/codes");
    ck_assert_str_eq(refused(COLUMNS(R"("treatment": {"headings": ["T"], "codes": {"1": "of_tomorrow"}})")), "");
}
END_TEST

START_TEST(days_and_months_cannot_be_mistaken)
{
    ck_assert_str_eq(refused(R"({"name": "n", "dates": ["DD/MM/YYYY", "MM/DD/YYYY"], "columns": {)" GENDER "}}"),
                     "/dates");
    ck_assert_str_eq(refused(R"({"name": "n", "dates": ["YY"], "columns": {)" GENDER "}}"), "/dates/0");
}
END_TEST

START_TEST(a_heading_is_found_without_regard_to_space_and_where_no_doubt_is_left_to_case)
{
    const struct legend *l = legend_of(COLUMNS(
        R"("pn": {"headings": ["pN"]},)"
        R"( "perineural_invasion": {"headings": ["Pn"]},"operation_date": {"headings": ["Date of  operation"]})"));
    ck_assert_str_eq(column_of(l, " DATE\tof operation ")->field->name, "operation_date");
    ck_assert_str_eq(column_of(l, "pN")->field->name, "pn");
    ck_assert_str_eq(column_of(l, "Pn")->field->name, "perineural_invasion");
    ck_assert_ptr_null(legend_find(l, "PN"));
    ck_assert_ptr_null(legend_find(l, "operation"));
    ck_assert_ptr_null(legend_find(l, ""));
}
END_TEST

START_TEST(a_coded_cell_is_one_of_the_codes)
{
    const struct legend *l = legend_of(COLUMNS(GENDER));
    ck_assert_str_eq(said(l, "Sex", " 1 "), "male");
    ck_assert_str_eq(said(l, "Sex", "w"), "female");
    ck_assert_str_eq(said(l, "Sex", "male"), "refused");
    ck_assert_str_eq(said(l, "Sex", "11"), "refused");
}
END_TEST

#define WRITTEN(dates, comma) \
    R"({"name": "n", "dates": [)" dates R"(], "decimal_comma": )" comma \
    R"(, "empty": ["-", "k.A."], "columns": {"birth_date": {"headings": ["Born"]}, "weight_kg": {"headings": ["kg"]}}})"

START_TEST(a_date_is_written_as_the_legend_says_and_exists)
{
    const struct legend *german = legend_of(WRITTEN("\"DD.MM.YYYY\"", "true"));
    ck_assert_str_eq(said(german, "Born", "03.04.1950"), "1950-04-03");
    ck_assert_str_eq(said(german, "Born", "29.02.1951"), "refused");
    ck_assert_str_eq(said(german, "Born", "03/04/1950"), "refused");
    ck_assert_str_eq(said(german, "Born", "1950-04-03"), "refused");
    ck_assert_str_eq(said(german, "Born", "3.4.1950"), "refused");
    const struct legend *american = legend_of(WRITTEN("\"MM/DD/YYYY\"", "false"));
    ck_assert_str_eq(said(american, "Born", "03/04/1950"), "1950-03-04");
    ck_assert_str_eq(said(american, "Born", "13/04/1950"), "refused");
}
END_TEST

START_TEST(with_a_decimal_comma_a_point_is_no_number)
{
    const struct legend *comma = legend_of(WRITTEN("\"YYYY-MM-DD\"", "true"));
    ck_assert_str_eq(said(comma, "kg", "71,5"), "71.5");
    ck_assert_str_eq(said(comma, "kg", "71"), "71");
    ck_assert_str_eq(said(comma, "kg", "1.071,5"), "refused");
    const struct legend *point = legend_of(WRITTEN("\"YYYY-MM-DD\"", "false"));
    ck_assert_str_eq(said(point, "kg", "71.5"), "71.5");
}
END_TEST

START_TEST(numbers_and_dates_of_a_spreadsheet_have_their_one_form)
{
    const struct legend *l = legend_of(WRITTEN("\"DD.MM.YYYY\"", "true"));
    const char *value = NULL, *complaint = NULL;
    ck_assert_int_eq(legend_value(l, column_of(l, "kg"), "71.5", true, &arena, &value, &complaint), OK);
    ck_assert_str_eq(value, "71.5");
    ck_assert_int_eq(legend_value(l, column_of(l, "Born"), "1950-04-03", true, &arena, &value, &complaint), OK);
    ck_assert_str_eq(value, "1950-04-03");
}
END_TEST

START_TEST(an_empty_cell_says_nothing)
{
    const struct legend *l = legend_of(WRITTEN("\"DD.MM.YYYY\"", "true"));
    ck_assert_str_eq(said(l, "kg", ""), "empty");
    ck_assert_str_eq(said(l, "kg", " \t"), "empty");
    ck_assert_str_eq(said(l, "kg", " - "), "empty");
    ck_assert_str_eq(said(l, "Born", "k.A."), "empty");
    ck_assert_str_eq(said(l, "Born", "K.A."), "refused");
}
END_TEST

START_TEST(our_own_exports_are_read_by_the_names_of_members)
{
    struct legend own;
    legend_own(&own);
    ck_assert_uint_le(own.column_count, LEGEND_COLUMNS_MAX);
    ck_assert_str_eq(said(&own, "gender", "female"), "female");
    ck_assert_str_eq(said(&own, "birth_date", "1950-04-03"), "1950-04-03");
    ck_assert_str_eq(said(&own, "last_name", "'=Tovins"), "=Tovins");
    ck_assert_str_eq(said(legend_of(COLUMNS(R"("last_name": {"headings": ["Name"]})")), "Name", "'=Tovins"),
                     "'=Tovins");
}
END_TEST

int main(void)
{
    int status =
        UNIT_TESTS(a_legend_names_itself_and_at_least_one_column, columns_are_members_of_a_tumour_with_headings,
                   codes_stand_for_values_of_the_member, days_and_months_cannot_be_mistaken,
                   a_heading_is_found_without_regard_to_space_and_where_no_doubt_is_left_to_case,
                   a_coded_cell_is_one_of_the_codes, a_date_is_written_as_the_legend_says_and_exists,
                   with_a_decimal_comma_a_point_is_no_number, numbers_and_dates_of_a_spreadsheet_have_their_one_form,
                   an_empty_cell_says_nothing, our_own_exports_are_read_by_the_names_of_members);
    arena_release(&arena);
    return status;
}

#include "services/analytics/analytics.h"
#include "tests/support/api.h"
#include "tests/support/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH    "/api/v1/survival-analyses"
#define COLUMNS "time=time&event=status&treatment=rx"

static const char *the_trial(void)
{
    static char *text;
    size_t size = 0;
    if (!text) {
        FILE *f = fopen(TEST_DATA "/survival/colon_death.csv", "r");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_gt(getdelim(&text, &size, '\0', f), 0);
        fclose(f);
    }
    return text_of("%s", text);
}

static struct reply analyse(const char *query, const char *table)
{
    return api_call((struct call){.method = "POST",
                                  .token = AS_RESEARCHER,
                                  .path = text_of(PATH "?%s", query),
                                  .body = table,
                                  .type = "text/csv"});
}

/* R's figures: tests/data/survival/curves.json. Arms are in the order of their names: Lev, Lev+5FU, Obs. */
START_TEST(a_table_is_answered_with_the_figures_that_r_has)
{
    REPLY r = analyse(COLUMNS "&reference=Obs&covariates=age,sex,node4&times=365,1825&horizon=1825", the_trial());
    ck_reply(&r, 200, "rows", "929");
    ck_reply(&r, 200, "left_out", "0");
    ck_reply(&r, 200, "answer/arms/0/arm", "Obs");
    ck_reply(&r, 200, "answer/arms/0/unadjusted/median/time", "2083");
    json_t *logrank = trial_at(trial_reference("curves.json"), "logrank", "rx", NULL);
    ck_member(logrank, "chisq", number_at(&r, "/answer/logrank/chi_square"), 1e-9);
    ck_reply(&r, 200, "answer/verdict/arm", "Lev+5FU");
    ck_reply(&r, 200, "answer/verdict/adjusted", "true");
    ck_reply(&r, 200, "answer/predictions", "[]");
}
END_TEST

START_TEST(a_table_in_a_form_is_the_same)
{
    const char *form = text_of("--xyz\r\nContent-Disposition: form-data; name=\"time\"\r\n\r\ntime\r\n"
                               "--xyz\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\nstatus\r\n"
                               "--xyz\r\nContent-Disposition: form-data; name=\"treatment\"\r\n\r\nrx\r\n"
                               "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"colon.csv\"\r\n"
                               "Content-Type: text/csv\r\n\r\n%s\r\n--xyz--\r\n",
                               the_trial());
    REPLY r = api_call((struct call){.method = "POST",
                                     .token = AS_RESEARCHER,
                                     .path = PATH,
                                     .body = form,
                                     .type = "multipart/form-data; boundary=xyz"});
    REPLY raw = analyse(COLUMNS, the_trial());
    ck_reply(&r, 200, "rows", "929");
    ck_assert(json_equal(r.json, raw.json));
}
END_TEST

START_TEST(a_table_becomes_a_picture_where_one_is_asked_for)
{
    REPLY r = api_call((struct call){.method = "POST",
                                     .token = AS_GENERAL,
                                     .path = PATH "?" COLUMNS "&unit=days",
                                     .body = the_trial(),
                                     .type = "text/csv",
                                     .headers = {"Accept: image/svg+xml"}});
    ck_status(&r, 200);
    ck_assert_str_eq(header_of(&r, "Content-Type"), "image/svg+xml");
    ck_assert_ptr_nonnull(strstr(r.body, "Lev+5FU"));
    ck_assert_ptr_nonnull(strstr(r.body, "days"));
}
END_TEST

START_TEST(empty_cells_are_counted_by_their_columns)
{
    REPLY r = analyse("time=t&event=e&treatment=a&covariates=x", "t,e,a,x\n1,1,A,3\n2,,A,4\n,0,B,\n4,0,B,5\n");
    ck_reply(&r, 200, "rows", "4");
    ck_reply(&r, 200, "left_out", "2");
    ck_reply(&r, 200, "empty/0/column", "t");
    ck_reply(&r, 200, "empty/0/rows", "1");
    ck_reply(&r, 200, "answer/patients", "2");
    ck_reply(&r, 200, "answer/verdict/decision", "insufficient_evidence");
}
END_TEST

START_TEST(a_file_that_is_no_table_or_lacks_columns_is_refused)
{
    static const struct {
        const char *query, *table;
        long status;
    } cases[] = {
        {COLUMNS, "", 422},
        {COLUMNS, "a,b\n1,2\n", 422},
        {COLUMNS, "time,status,rx\n1,1\n", 400},
        {COLUMNS, "time,status,rx\n-1,1,A\n", 422},
        {COLUMNS, "time,status,rx\nsoon,1,A\n", 422},
        {COLUMNS, "time,status,rx\n1,2,A\n", 422},
        {COLUMNS, "time,status,rx\n1,1,\xff\xfe\n", 400},
        {COLUMNS "&times=1,x", "time,status,rx\n1,1,A\n", 422},
        {COLUMNS "&covariates=time,,", "time,status,rx\n1,1,A\n", 422},
        {"time=time&event=status", "time,status,rx\n1,1,A\n", 422},
        {COLUMNS "&bootstrap=3000", "time,status,rx\n1,1,A\n", 422},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        REPLY r = analyse(cases[i].query, cases[i].table);
        ck_assert_msg(r.status == cases[i].status, "case %zu: %ld %.500s", i, r.status, r.body);
    }
}
END_TEST

START_TEST(one_patient_one_treatment_and_no_event_get_an_answer_that_says_so)
{
    static const char *const tables[] = {"time,status,rx\n", "time,status,rx\n5,1,A\n",
                                         "time,status,rx\n5,0,A\n6,0,B\n", "time,status,rx\n5,1,A\n5,1,B\n5,1,C\n",
                                         "time,status,rx\n0,1,A\n0,1,B\n"};
    for (size_t i = 0; i < COUNT(tables); i++) {
        REPLY r = analyse(COLUMNS, tables[i]);
        ck_reply(&r, 200, "answer/verdict/decision", "insufficient_evidence");
        ck_assert_ptr_nonnull(text_at(&r, "/answer/verdict/reasons/0/code"));
    }
}
END_TEST

int main(void)
{
    return API_TESTS(&analytics_service, a_table_is_answered_with_the_figures_that_r_has, a_table_in_a_form_is_the_same,
                     a_table_becomes_a_picture_where_one_is_asked_for, empty_cells_are_counted_by_their_columns,
                     a_file_that_is_no_table_or_lacks_columns_is_refused,
                     one_patient_one_treatment_and_no_event_get_an_answer_that_says_so);
}

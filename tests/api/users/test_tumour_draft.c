/* Tumours that are entered in steps. */
#include "services/users/tumour/tumour_draft.h"
#include "tests/support/api.h"

#include <stdlib.h>
#include <string.h>

#define PERSONAL \
    R"({"first_name": "Marela", "last_name": "Tovins", "operation_date": "2015-03-01", "weight_kg": 60,)" \
    R"( "height_cm": 170})"

static const char *make_draft(const char *token)
{
    REPLY made = api_post(token, "/api/v1/tumour-drafts", "{}");
    ck_reply(&made, 201, "complete", "false");
    ck_assert_str_eq(header_of(&made, "Location"), text_of("/api/v1/tumour-drafts/%s", text_at(&made, "draft_id")));
    return text_of("%s", header_of(&made, "Location"));
}

static struct reply call(const char *method, const char *token, const char *path, const char *body)
{
    return api_change(method, token, path, body, "*");
}

static struct reply save(const char *token, const char *draft, const char *step, const char *body)
{
    return call("PUT", token, text_of("%s/%s", draft, step), body);
}

static void ck_saved(const char *token, const char *draft, const char *step, const char *body)
{
    REPLY r = save(token, draft, step, body);
    ck_status(&r, 200);
}

START_TEST(a_draft_is_saved_step_by_step_and_submitted_once_complete)
{
    const char *token = AS_GENERAL, *draft = make_draft(token);
    ck_saved(token, draft, "tumour", R"({"pt": "T3", "pn": "N0", "primary_site": "C18.7"})");
    ck_saved(token, draft, "personal", PERSONAL);
    REPLY early = api_post(token, text_of("%s/submit", draft), "{}");
    ck_status(&early, 422);
    ck_refuses(&early, "/medical_history");
    REPLY last = save(token, draft, "medical-history", R"({"cardiac_disease": "yes"})");
    ck_reply(&last, 200, "complete", "true");
    ck_assert_str_eq(text_at(&last, "tumour/pt"), "T3");
    ck_assert(json_is_null(json_object_get(json_object_get(last.json, "tumour"), "uicc")));
    REPLY made = api_post(token, text_of("%s/submit", draft), "{}");
    ck_reply(&made, 201, "bmi_class", "normal");
    ck_assert_str_eq(text_at(&made, "cardiac_disease"), "yes");
    ck_assert_str_eq(text_at(&made, "primary_site"), "C18.7");
    ck_assert_str_eq(text_at(&made, "uicc"), "unknown");
    REPLY read = api_get(token, "%s", header_of(&made, "Location"));
    ck_assert_str_eq(read.body, made.body);
    REPLY gone = api_get(token, "%s", draft);
    ck_status(&gone, 404);
    REPLY again = api_post(token, text_of("%s/submit", draft), "{}");
    ck_status(&again, 404);
}
END_TEST

/* The same as in one piece: no member is in no step, none is in two. */
START_TEST(the_steps_together_have_each_member_of_a_record_once)
{
    const struct schema *const schemas[] = {&tumour_personal_schema, &tumour_history_step_schema,
                                            &tumour_tumour_schema};
    for (const struct field *f = new_tumour_schema.fields; f->name; f++) {
        int found = 0;
        for (size_t i = 0; i < COUNT(schemas); i++)
            for (const struct field *g = schemas[i]->fields; g->name; g++)
                found += strcmp(f->name, g->name) == 0;
        ck_assert_msg(found == 1, "%s is in %d steps", f->name, found);
    }
}
END_TEST

START_TEST(each_step_is_checked_by_itself_and_with_those_before)
{
    const char *token = AS_GENERAL, *draft = make_draft(token);
    REPLY nameless = save(token, draft, "personal", R"({"first_name": "Marela"})");
    ck_status(&nameless, 422);
    ck_refuses(&nameless, "/last_name");
    REPLY elsewhere = save(token, draft, "personal", R"({"pt": "T3"})");
    ck_status(&elsewhere, 422);
    ck_refuses(&elsewhere, "/pt");
    ck_saved(token, draft, "personal", PERSONAL);
    REPLY too_long = save(token, draft, "tumour", R"({"overall_survival_months": 600})");
    ck_status(&too_long, 422);
    ck_refuses(&too_long, "/operation_date");
    ck_refuses(&too_long, "/overall_survival_months");
    REPLY no_code = save(token, draft, "tumour", R"({"treatment": "moonlight"})");
    ck_status(&no_code, 422);
    ck_refuses(&no_code, "/treatment");
    REPLY kept = api_get(token, "%s", draft);
    ck_assert(json_is_null(json_object_get(kept.json, "tumour")));
    ck_assert_str_eq(text_at(&kept, "personal/first_name"), "Marela");
}
END_TEST

START_TEST(a_step_that_is_saved_again_is_replaced)
{
    const char *token = AS_GENERAL, *draft = make_draft(token);
    ck_saved(token, draft, "tumour", R"({"pt": "T3", "grading": "G2"})");
    REPLY again = save(token, draft, "tumour", R"({"pt": "T2"})");
    ck_reply(&again, 200, "tumour/pt", "T2");
    ck_assert(json_is_null(json_object_get(json_object_get(again.json, "tumour"), "grading")));
}
END_TEST

START_TEST(a_draft_is_its_owners_alone)
{
    const char *token = AS_GENERAL, *draft = make_draft(token), *id = strrchr(draft, '/') + 1;
    const char *others[] = {AS_NEUROLOGIST, AS_ADMIN, AS_SUPERUSER};
    ck_saved(token, draft, "personal", PERSONAL);
    for (size_t i = 0; i < COUNT(others); i++) {
        REPLY read = api_get(others[i], "%s", draft);
        ck_status(&read, 404);
        REPLY saved = save(others[i], draft, "medical-history", "{}");
        ck_status(&saved, 404);
        REPLY submitted = api_post(others[i], text_of("%s/submit", draft), "{}");
        ck_status(&submitted, 404);
        REPLY removed = call("DELETE", others[i], draft, NULL);
        ck_status(&removed, 404);
        REPLY list = api_get(others[i], "/api/v1/tumour-drafts");
        ck_assert_ptr_null(strstr(list.body, id));
    }
    REPLY own = api_get(token, "/api/v1/tumour-drafts");
    ck_reply(&own, 200, "items/0/draft_id", id);
    REPLY removed = call("DELETE", token, draft, NULL);
    ck_status(&removed, 204);
}
END_TEST

START_TEST(an_expired_draft_is_gone_and_cleaned_up)
{
    const char *token = AS_GENERAL, *draft = make_draft(token), *id = strrchr(draft, '/') + 1;
    ck_assert_str_eq(sql_value("SELECT (expires_at - created_at)::text FROM users.tumour_draft WHERE id = '%s'", id),
                     "3 days");
    sql_value("UPDATE users.tumour_draft SET expires_at = now() - interval '1 second' WHERE id = '%s'", id);
    REPLY gone = api_get(token, "%s", draft);
    ck_status(&gone, 404);
    make_draft(AS_NEUROLOGIST);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM users.tumour_draft WHERE id = '%s'", id), "0");
    ck_assert_str_eq(
        sql_value("SELECT count(*) FROM auth.access_log WHERE subject_id = '%s' AND outcome = 'written'", id), "1");
}
END_TEST

START_TEST(saving_a_step_puts_the_end_off)
{
    setenv("TUMOUR_DRAFT_HOURS", "5", 1);
    api_restart(&users_service);
    const char *token = AS_GENERAL, *draft = make_draft(token), *id = strrchr(draft, '/') + 1;
    sql_value("UPDATE users.tumour_draft SET expires_at = now() + interval '1 minute' WHERE id = '%s'", id);
    ck_saved(token, draft, "medical-history", "{}");
    ck_assert_str_eq(sql_value("SELECT (expires_at - updated_at)::text FROM users.tumour_draft WHERE id = '%s'", id),
                     "05:00:00");
    unsetenv("TUMOUR_DRAFT_HOURS");
    api_restart(&users_service);
}
END_TEST

START_TEST(nobody_has_more_drafts_than_can_be_looked_through)
{
    const char *token = AS_GENERAL;
    for (int i = 0; i < DRAFTS_MAX; i++)
        make_draft(token);
    REPLY r = api_post(token, "/api/v1/tumour-drafts", "{}");
    ck_status(&r, 409);
    make_draft(AS_GENERAL);
}
END_TEST

int main(void)
{
    return API_TESTS(&users_service, a_draft_is_saved_step_by_step_and_submitted_once_complete,
                     the_steps_together_have_each_member_of_a_record_once,
                     each_step_is_checked_by_itself_and_with_those_before, a_step_that_is_saved_again_is_replaced,
                     a_draft_is_its_owners_alone, an_expired_draft_is_gone_and_cleaned_up,
                     saving_a_step_puts_the_end_off, nobody_has_more_drafts_than_can_be_looked_through);
}

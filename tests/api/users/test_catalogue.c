/* Catalogues of codes, and the treatments of a tumour. */
#include "services/users/users.h"
#include "tests/support/api.h"

#include <string.h>

static struct reply call(const char *method, const char *token, const char *path, const char *body)
{
    return api_change(method, token, path, body, "*");
}

static const char *make_tumour(const char *members)
{
    REPLY made = api_post(AS_GENERAL, "/api/v1/tumours", R"({"first_name": "Marela", "last_name": "Tovins"%s%s})",
                          *members ? ", " : "", members);
    ck_status(&made, 201);
    return text_of("/api/v1/tumours/%s", text_at(&made, "tumour_id"));
}

static const char *make_treatment(void)
{
    REPLY made = api_post(AS_ADMIN, "/api/v1/treatments", R"({"code": "t%s", "label": "A trial"})", new_id());
    ck_reply(&made, 201, "active", "true");
    return kept_at(&made, "code");
}

START_TEST(the_four_historic_treatments_are_there)
{
    static const char *const codes[] = {"capecitabine_or_5fu_fa", "folfox_or_xelox", "bevacizumab_combination", "none"};
    for (size_t i = 0; i < COUNT(codes); i++) {
        REPLY r = api_get(AS_GENERAL, "/api/v1/treatments/%s", codes[i]);
        ck_reply(&r, 200, "active", "true");
    }
    REPLY none = api_get(AS_GENERAL, "/api/v1/treatments/moonlight");
    ck_status(&none, 404);
}
END_TEST

START_TEST(catalogues_are_listed_by_readers_of_the_registry_and_kept_by_administrators)
{
    static const char *const paths[] = {"/api/v1/treatments", "/api/v1/primary-sites",
                                        "/api/v1/metastasis-diagnostics"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        REPLY list = api_get(AS_GENERAL, "%s", paths[i]);
        ck_status(&list, 200);
        ck_assert_uint_gt(json_array_size(json_object_get(list.json, "items")), 3);
        REPLY patient = api_get(AS_PATIENT, "%s", paths[i]);
        ck_status(&patient, 403);
        REPLY refused = api_post(AS_GENERAL, paths[i], R"({"code": "x", "label": "X"})");
        ck_status(&refused, 403);
    }
}
END_TEST

START_TEST(codes_are_plain_and_taken_once)
{
    static const char *const bad[] = {".x", "a b", "x/y", "ä", "_x"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        REPLY r = api_post(AS_ADMIN, "/api/v1/treatments", R"({"code": "%s", "label": "X"})", bad[i]);
        ck_status(&r, 422);
        ck_refuses(&r, "/code");
    }
    REPLY taken = api_post(AS_ADMIN, "/api/v1/treatments", R"({"code": "none", "label": "X"})");
    ck_status(&taken, 409);
    ck_refuses(&taken, "/code");
}
END_TEST

START_TEST(a_treatment_that_is_not_active_any_more_stays_where_it_is_and_comes_nowhere_else)
{
    const char *code = make_treatment(), *had = make_tumour(text_of(R"("treatment": "%s")", code));
    REPLY off = call("PATCH", AS_ADMIN, text_of("/api/v1/treatments/%s", code), R"({"active": false})");
    ck_reply(&off, 200, "label", "A trial");
    REPLY kept = call("PATCH", AS_GENERAL, had, R"({"grading": "G1"})");
    ck_reply(&kept, 200, "treatment", code);
    const char *other = make_tumour("");
    REPLY refused = call("PATCH", AS_GENERAL, other, text_of(R"({"treatment": "%s"})", code));
    ck_status(&refused, 422);
    ck_refuses(&refused, "/treatment");
    const char *list = text_of(R"({"treatments": [{"treatment": "%s"}]})", code);
    REPLY in_list = call("PUT", AS_GENERAL, text_of("%s/treatments", other), list);
    ck_status(&in_list, 422);
    ck_refuses(&in_list, "/treatments/0/treatment");
    REPLY stays = call("PUT", AS_GENERAL, text_of("%s/treatments", had), list);
    ck_reply(&stays, 200, "treatments/0/treatment", code);
    REPLY active = api_get(AS_GENERAL, "/api/v1/treatments?active=true&limit=200");
    ck_assert_ptr_null(strstr(active.body, code));
}
END_TEST

START_TEST(treatments_are_set_replaced_and_cleared_with_the_record)
{
    const char *tumour = make_tumour(R"("operation_date": "2015-01-01")"), *path = text_of("%s/treatments", tumour);
    REPLY empty = api_get(AS_GENERAL, "%s", path);
    ck_reply(&empty, 200, "treatments", "[]");
    REPLY set = call(
        "PUT", AS_GENERAL, path,
        R"({"treatments": [{"treatment": "folfox_or_xelox", "treated_from": "2015-02-01",)"
        R"( "treated_until": "2015-06-30"}, {"treatment": "bevacizumab_combination", "treated_from": "2015-07-01"}]})");
    ck_reply(&set, 200, "treatments/1/treated_from", "2015-07-01");
    REPLY record = api_get(AS_GENERAL, "%s", tumour);
    ck_reply(&record, 200, "treatment", "bevacizumab_combination");
    ck_assert_str_eq(header_of(&record, "ETag"), header_of(&set, "ETag"));
    ck_assert_str_ne(header_of(&set, "ETag"), header_of(&empty, "ETag"));
    REPLY read = api_get(AS_GENERAL, "%s", path);
    ck_assert_str_eq(read.body, set.body);
    REPLY stale = api_change("PUT", AS_GENERAL, path, R"({"treatments": []})", header_of(&empty, "ETag"));
    ck_status(&stale, 412);
    REPLY cleared = call("DELETE", AS_GENERAL, path, NULL);
    ck_status(&cleared, 204);
    REPLY none = api_get(AS_GENERAL, "%s", path);
    ck_reply(&none, 200, "treatments", "[]");
    REPLY without = api_get(AS_GENERAL, "%s", tumour);
    ck_assert(json_is_null(json_object_get(without.json, "treatment")));
}
END_TEST

static const char *updated_at(const char *tumour)
{
    REPLY r = api_get(AS_GENERAL, "%s", tumour);
    return kept_at(&r, "updated_at");
}

static const char *codes_as_of(const char *token, const char *tumour, const char *time)
{
    REPLY r = api_get(token, "%s/treatments?as_of=%s", tumour, time);
    ck_status(&r, 200);
    const char *codes = "";
    for (size_t i = 0; i < json_array_size(json_object_get(r.json, "treatments")); i++)
        codes = text_of("%s %s", codes, text_at(&r, text_of("treatments/%zu/treatment", i)));
    return codes;
}

static const char *set_treatments(const char *tumour, const char *first, const char *second)
{
    REPLY r = call("PUT", AS_GENERAL, text_of("%s/treatments", tumour),
                   text_of(R"({"treatments": [{"treatment": "%s"}, {"treatment": "%s"}]})", first, second));
    ck_status(&r, 200);
    return updated_at(tumour);
}

START_TEST(the_list_of_treatments_is_seen_as_it_was)
{
    const char *tumour = make_tumour(R"("treatment": "none")"), *created = updated_at(tumour);
    const char *first = set_treatments(tumour, "none", "folfox_or_xelox");
    const char *second = set_treatments(tumour, "folfox_or_xelox", "bevacizumab_combination");
    REPLY removed = call("DELETE", AS_GENERAL, tumour, NULL);
    ck_status(&removed, 204);
    ck_assert_str_eq(codes_as_of(AS_ADMIN, tumour, created), " none");
    ck_assert_str_eq(codes_as_of(AS_ADMIN, tumour, first), " none folfox_or_xelox");
    ck_assert_str_eq(codes_as_of(AS_ADMIN, tumour, second), " folfox_or_xelox bevacizumab_combination");
    REPLY hidden = api_get(AS_GENERAL, "%s/treatments?as_of=%s", tumour, second);
    ck_status(&hidden, 404);
    REPLY future = api_get(AS_GENERAL, "%s/treatments?as_of=2999-01-01T00:00:00Z", tumour);
    ck_status(&future, 422);
}
END_TEST

START_TEST(treatments_out_of_order_are_refused_where_they_stand)
{
    const char *path = text_of("%s/treatments", make_tumour(""));
    REPLY order = call("PUT", AS_GENERAL, path,
                       R"({"treatments": [{"treatment": "none", "treated_from": "2015-02-01"}, {"treatment": "none",)"
                       R"( "treated_from": "2015-01-01"}]})");
    ck_status(&order, 422);
    ck_refuses(&order, "/treatments/1/treated_from");
    REPLY dates =
        call("PUT", AS_GENERAL, path,
             R"({"treatments": [{"treatment": "none", "treated_from": "2015-02-01", "treated_until": "2015-01-01"}]})");
    ck_status(&dates, 422);
    ck_refuses(&dates, "/treatments/0/treated_from");
    ck_refuses(&dates, "/treatments/0/treated_until");
    REPLY code = call("PUT", AS_GENERAL, path, R"({"treatments": [{"treatment": "moonlight"}]})");
    ck_status(&code, 422);
    ck_refuses(&code, "/treatments/0/treatment");
    REPLY absent = call("PUT", AS_GENERAL, text_of("/api/v1/tumours/%s/treatments", new_id()), R"({"treatments": []})");
    ck_status(&absent, 404);
}
END_TEST

/* As the analytics service does it, with who asks. */
START_TEST(an_accepted_treatment_becomes_the_current_one)
{
    const char *tumour = make_tumour(R"("treatment": "none", "treated_from": "2015-01-01")");
    const char *id = strrchr(tumour, '/') + 1, *made = updated_at(tumour);
    static const char accept[] = "SELECT users.accept_treatment('%s', '%s')::text";
    ck_assert_str_eq(sql_value(accept, id, "folfox_or_xelox"), "false");
    sql_value("SELECT set_config('mnemos.role', 'healthpro', false), set_config('mnemos.account', '%s', false)",
              new_id());
    ck_assert_str_eq(sql_value(accept, id, "moonlight"), "false");
    ck_assert_str_eq(sql_value(accept, new_id(), "folfox_or_xelox"), "false");
    ck_assert_str_eq(sql_value(accept, id, "folfox_or_xelox"), "true");
    sql_value("SELECT set_config('mnemos.role', '', false), set_config('mnemos.account', '', false)");
    ck_assert_str_eq(codes_as_of(AS_GENERAL, tumour, made), " none");
    ck_assert_str_eq(codes_as_of(AS_GENERAL, tumour, updated_at(tumour)), " none folfox_or_xelox");
    REPLY all = api_get(AS_GENERAL, "%s/treatments", tumour);
    ck_reply(&all, 200, "treatments/0/treatment", "none");
    ck_assert_str_eq(text_at(&all, "treatments/1/treatment"), "folfox_or_xelox");
    ck_assert_str_eq(text_at(&all, "treatments/1/treated_from"), text_at(&all, "treatments/0/treated_until"));
}
END_TEST

int main(void)
{
    return API_TESTS(
        &users_service, the_four_historic_treatments_are_there,
        catalogues_are_listed_by_readers_of_the_registry_and_kept_by_administrators, codes_are_plain_and_taken_once,
        a_treatment_that_is_not_active_any_more_stays_where_it_is_and_comes_nowhere_else,
        treatments_are_set_replaced_and_cleared_with_the_record, the_list_of_treatments_is_seen_as_it_was,
        treatments_out_of_order_are_refused_where_they_stand, an_accepted_treatment_becomes_the_current_one);
}

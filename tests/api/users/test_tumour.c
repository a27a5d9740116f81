/* The tumour registry: records, lists, history. */
#include "services/users/tumour/tumour.h"
#include "tests/support/api.h"

#include <string.h>

static struct reply call(const char *method, const char *token, const char *id, const char *body, const char *tag)
{
    return api_change(method, token, text_of("/api/v1/tumours/%s", id), body, tag);
}

static const char *make_tumour(const char *last_name, const char *members)
{
    REPLY made = api_post(AS_GENERAL, "/api/v1/tumours", R"({"first_name": "Marela", "last_name": "%s"%s%s})",
                          last_name, *members ? ", " : "", members);
    ck_status(&made, 201);
    return kept_at(&made, "tumour_id");
}

START_TEST(a_tumour_is_created_and_read)
{
    REPLY made = api_post(
        AS_GENERAL, "/api/v1/tumours",
        R"({"first_name": "Marela", "last_name": "Tovins", "gender": "Female", "birth_date": "1950-03-01",)"
        R"( "operation_date": "2015-03-01", "weight_kg": 72.5, "height_cm": 168, "pt": "T3", "pn": "N1", "uicc": "3b",)"
        R"( "diameter_cm": 4.2, "treatment": "folfox_or_xelox", "treated_from": "2015-05-01"})");
    ck_reply(&made, 201, "gender", "female");
    const char *id = kept_at(&made, "tumour_id");
    ck_assert_str_eq(header_of(&made, "Location"), text_of("/api/v1/tumours/%s", id));
    REPLY read = api_get(AS_GENERAL, "/api/v1/tumours/%s", id);
    ck_reply(&read, 200, "age_at_operation", "65");
    ck_assert_str_eq(read.body, made.body);
    ck_assert_double_eq_tol(number_at(&read, "bmi"), 25.69, 1e-9);
    ck_assert_str_eq(text_at(&read, "bmi_class"), "over");
    ck_assert_str_eq(text_at(&read, "treatment"), "folfox_or_xelox");
}
END_TEST

START_TEST(members_that_are_not_given_are_unknown)
{
    REPLY r = api_get(AS_ADMIN, "/api/v1/tumours/%s", make_tumour("Tovins", ""));
    ck_reply(&r, 200, "pt", "unknown");
    ck_assert_str_eq(text_at(&r, "cea"), "not_determined");
    ck_assert_str_eq(text_at(&r, "primary_site"), "unknown");
    ck_assert(json_is_null(json_object_get(r.json, "treatment")));
    ck_assert(json_is_null(json_object_get(r.json, "bmi")));
}
END_TEST

/* The lists of values stand in the field table and in the checks of the table. */
START_TEST(each_value_of_each_coded_member_is_kept)
{
    for (const struct field *f = new_tumour_schema.fields; f->name; f++)
        for (const char *const *v = f->values; v && *v; v++) {
            const char *id = make_tumour("Tovins", text_of(R"("%s": "%s")", f->name, *v));
            REPLY r = api_get(AS_GENERAL, "/api/v1/tumours/%s", id);
            ck_reply(&r, 200, f->name, *v);
        }
}
END_TEST

START_TEST(the_table_takes_what_the_field_table_takes_at_its_limits_and_no_more)
{
    for (const struct field *f = new_tumour_schema.fields; f->name; f++) {
        if ((f->kind != FIELD_KIND_REAL && f->kind != FIELD_KIND_INTEGER) || strstr(f->name, "months"))
            continue;
        make_tumour("Low", text_of(R"("%s": %g)", f->name, f->min));
        make_tumour("High", text_of(R"("%s": %g)", f->name, f->max));
        REPLY r = api_post(AS_GENERAL, "/api/v1/tumours", R"({"first_name": "A", "last_name": "B", "%s": %g})", f->name,
                           f->max + 1);
        ck_status(&r, 422);
        ck_refuses(&r, text_of("/%s", f->name));
    }
}
END_TEST

START_TEST(a_code_of_no_catalogue_is_refused)
{
    static const char *const members[] = {"primary_site", "metastasis_diagnostics", "treatment"};
    for (size_t i = 0; i < COUNT(members); i++) {
        REPLY r = api_post(AS_GENERAL, "/api/v1/tumours", R"({"first_name": "A", "last_name": "B", "%s": "moonlight"})",
                           members[i]);
        ck_status(&r, 422);
        ck_refuses(&r, text_of("/%s", members[i]));
    }
}
END_TEST

START_TEST(contradictions_name_both_members)
{
    REPLY r = api_post(AS_GENERAL, "/api/v1/tumours",
                       R"({"first_name": "A", "last_name": "B", "pt": "T4", "diameter_cm": 0})");
    ck_status(&r, 422);
    ck_refuses(&r, "/pt");
    ck_refuses(&r, "/diameter_cm");
}
END_TEST

START_TEST(replacing_forgets_what_is_not_given_and_changing_does_not)
{
    const char *id = make_tumour("Tovins", R"("pt": "T3", "grading": "G2")");
    REPLY changed = call("PATCH", AS_GENERAL, id, R"({"grading": "G3"})", TAG(1));
    ck_reply(&changed, 200, "pt", "T3");
    ck_assert_str_eq(text_at(&changed, "grading"), "G3");
    ck_assert_str_eq(header_of(&changed, "ETag"), TAG(2));
    REPLY replaced = call("PUT", AS_GENERAL, id, R"({"first_name": "Mara", "last_name": "Tovins"})", TAG(2));
    ck_reply(&replaced, 200, "pt", "unknown");
    ck_assert_str_eq(text_at(&replaced, "first_name"), "Mara");
    REPLY nameless = call("PUT", AS_GENERAL, id, R"({"first_name": "Mara"})", TAG(3));
    ck_status(&nameless, 422);
    ck_refuses(&nameless, "/last_name");
    REPLY no_name = call("PATCH", AS_GENERAL, id, R"({"first_name": null})", TAG(3));
    ck_status(&no_name, 422);
    ck_refuses(&no_name, "/first_name");
}
END_TEST

START_TEST(derived_values_follow_until_they_are_given)
{
    const char *id = make_tumour("Tovins", R"("weight_kg": 50, "height_cm": 170)");
    REPLY lighter = call("PATCH", AS_GENERAL, id, R"({"weight_kg": 80, "bmi": 17.3})", "*");
    ck_reply(&lighter, 200, "bmi_class", "over"); /* 17.3 is what was derived before */
    REPLY given = call("PATCH", AS_GENERAL, id, R"({"bmi": 24})", "*");
    ck_reply(&given, 200, "bmi_class", "normal");
    REPLY kept = call("PATCH", AS_GENERAL, id, R"({"weight_kg": 120})", "*");
    ck_assert_double_eq_tol(number_at(&kept, "bmi"), 24, 1e-9);
    ck_assert(json_is_true(json_object_get(kept.json, "bmi_overridden")));
    REPLY back = call("PATCH", AS_GENERAL, id, R"({"bmi": null})", "*");
    ck_reply(&back, 200, "bmi_class", "over");
    ck_assert(json_is_false(json_object_get(back.json, "bmi_overridden")));
}
END_TEST

START_TEST(a_removed_tumour_is_gone_and_its_history_is_for_administrators)
{
    const char *id = make_tumour("Tovins", R"("pt": "T1")");
    REPLY changed = call("PATCH", AS_GENERAL, id, R"({"pt": "T2"})", "*");
    ck_status(&changed, 200);
    REPLY seen = api_get(AS_GENERAL, "/api/v1/tumours/%s/history", id);
    ck_reply(&seen, 200, "items/0/pt", "T2");
    ck_assert_str_eq(text_at(&seen, "items/1/pt"), "T1");
    ck_assert_str_eq(text_at(&seen, "items/1/kind"), "created");
    ck_assert_str_eq(text_at(&seen, "items/1/valid_until"), text_at(&seen, "items/0/valid_from"));
    REPLY before = api_get(AS_GENERAL, "/api/v1/tumours/%s?as_of=%s", id, text_at(&seen, "items/1/valid_from"));
    ck_reply(&before, 200, "pt", "T1");
    ck_assert_str_eq(header_of(&before, "ETag"), TAG(1));
    REPLY removed = call("DELETE", AS_GENERAL, id, NULL, TAG(2));
    ck_status(&removed, 204);
    REPLY gone = api_get(AS_GENERAL, "/api/v1/tumours/%s", id);
    ck_status(&gone, 404);
    REPLY hidden = api_get(AS_GENERAL, "/api/v1/tumours/%s/history", id);
    ck_status(&hidden, 404);
    REPLY kept = api_get(AS_ADMIN, "/api/v1/tumours/%s/history", id);
    ck_reply(&kept, 200, "items/0/kind", "removed");
    ck_assert_uint_eq(json_array_size(json_object_get(kept.json, "items")), 3);
}
END_TEST

static const char *entries(const char *id)
{
    return text_of("%s", sql_value("SELECT string_agg(action || ' ' || outcome, ', ' ORDER BY id) FROM auth.access_log"
                                   " WHERE subject_id = '%s'",
                                   id));
}

START_TEST(each_read_and_write_leaves_an_entry)
{
    const char *id = make_tumour("Tovins", "");
    REPLY read = api_get(AS_GENERAL, "/api/v1/tumours/%s", id);
    ck_status(&read, 200);
    REPLY history = api_get(AS_GENERAL, "/api/v1/tumours/%s/history", id);
    ck_status(&history, 200);
    REPLY refused = api_get(AS_PATIENT, "/api/v1/tumours/%s", id);
    ck_status(&refused, 403);
    ck_assert_str_eq(entries(id), "tumour.create written, tumour.read read, tumour.history read, tumour.read refused");
}
END_TEST

START_TEST(many_that_are_changed_at_once_have_each_their_version_and_entry)
{
    const char *name = text_of("Many%.12s", new_id());
    const char *ids[] = {make_tumour(name, R"("pt": "T1")"), make_tumour(name, R"("pt": "T2")")};
    sql_value("SELECT set_config('mnemos.role', 'healthpro', false),"
              " set_config('mnemos.request', 'tumour.import r 127.0.0.1', false);"
              " UPDATE users.tumour SET pt = 'T3' WHERE last_name = '%s';"
              " SELECT set_config('mnemos.role', '', false), set_config('mnemos.request', '', false)",
              name);
    for (size_t i = 0; i < COUNT(ids); i++) {
        ck_assert_str_eq(entries(ids[i]), "tumour.create written, tumour.import written");
        REPLY seen = api_get(AS_GENERAL, "/api/v1/tumours/%s/history", ids[i]);
        ck_reply(&seen, 200, "items/0/pt", "T3");
        ck_assert_str_eq(text_at(&seen, "items/1/pt"), i == 0 ? "T1" : "T2");
        ck_assert_str_eq(text_at(&seen, "items/1/valid_until"), text_at(&seen, "items/0/valid_from"));
    }
}
END_TEST

static size_t count_of(const char *query)
{
    REPLY r = api_get(AS_GENERAL, "/api/v1/tumours?%s", query);
    ck_status(&r, 200);
    return json_array_size(json_object_get(r.json, "items"));
}

START_TEST(lists_are_filtered_by_each_coded_member)
{
    for (const struct field *f = tumour_filter_schema.fields; f->name; f++) {
        const char *name = text_of("Filter%.12s", new_id());
        if (!f->values)
            continue;
        make_tumour(name, text_of(R"("%s": "%s")", f->name, f->values[0]));
        make_tumour(name, text_of(R"("%s": "%s")", f->name, f->values[1]));
        ck_assert_msg(count_of(text_of("name=%s&%s=%s", name, f->name, f->values[1])) == 1, "%s", f->name);
    }
    const char *name = text_of("Filter%.12s", new_id());
    make_tumour(name, R"("primary_site": "C18.7", "treatment": "none")");
    make_tumour(name, R"("primary_site": "C18.0", "treatment": "folfox_or_xelox")");
    ck_assert_uint_eq(count_of(text_of("name=%s&primary_site=C18.7", name)), 1);
    ck_assert_uint_eq(count_of(text_of("name=%s&treatment=folfox_or_xelox&primary_site=C18.0", name)), 1);
    ck_assert_uint_eq(count_of(text_of("name=%s&treatment=none&primary_site=C18.0", name)), 0);
}
END_TEST

/* Of three records with rising values the middle one is found by both bounds, and by each two of them. */
START_TEST(lists_are_filtered_by_the_bounds_of_each_day_and_number)
{
    for (const struct field *f = tumour_bound_schema.fields; f->name; f += 2) {
        const char *name = text_of("Bound%.12s", new_id()), *member = f->name + strlen("min_");
        bool day = f->kind == FIELD_KIND_DATE, treated = strcmp(member, "treated_from") == 0;
        static const char *const values[][3] = {{"41", "42", "43"}, {"1999-12-31", "2000-01-01", "2000-01-02"}};
        static const char *const extents[] = {"4.5", "5", "5.5"};
        const char *const *v = strcmp(member, "diameter_cm") == 0 ? extents : values[day];
        ck_assert_msg(strcmp(f[1].name + strlen("max_"), member) == 0, "%s is followed by %s", f->name, f[1].name);
        for (int i = 0; i < 3; i++)
            make_tumour(name, text_of(R"("%s": %s%s%s%s)", member, day ? R"(")" : "", v[i], day ? R"(")" : "",
                                      treated ? R"(, "treatment": "none")" : ""));
        ck_assert_msg(count_of(text_of("name=%s&%s=%s", name, f->name, v[1])) == 2, "%s", f->name);
        ck_assert_msg(count_of(text_of("name=%s&%s=%s", name, f[1].name, v[1])) == 2, "%s", f[1].name);
        ck_assert_msg(count_of(text_of("name=%s&%s=%s&%s=%s", name, f->name, v[1], f[1].name, v[1])) == 1, "%s",
                      member);
        REPLY crossed = api_get(AS_GENERAL, "/api/v1/tumours?%s=%s&%s=%s", f->name, v[2], f[1].name, v[1]);
        ck_status(&crossed, 422);
        ck_refuses(&crossed, text_of("/%s", f->name));
    }
}
END_TEST

START_TEST(names_are_searched_by_each_word_in_any_case)
{
    const char *name = text_of("Search%.12s", new_id());
    make_tumour(name, "");
    ck_assert_uint_eq(count_of(text_of("name=%s", name)), 1);
    ck_assert_uint_eq(count_of(text_of("name=mARELA+%s", name)), 1);
    ck_assert_uint_eq(count_of(text_of("name=%s++marela", name + 1)), 1);
    ck_assert_uint_eq(count_of(text_of("name=%s+nobody", name)), 0);
    ck_assert_uint_eq(count_of(text_of("name=Search%%25%s", name + 7)), 0);
    ck_assert_uint_eq(count_of(text_of("name=Search_%s", name + 7)), 0);
    ck_assert_uint_eq(count_of(text_of("name=%s%%5C", name)), 0);
}
END_TEST

/* In each order, page by page, everything comes once and in order. */
START_TEST(each_order_is_kept_across_pages)
{
    const char *name = text_of("Order%.12s", new_id());
    enum { MADE = 7 };
    for (int i = 0; i < MADE; i++)
        make_tumour(name, i % 3 ? text_of(R"("operation_date": "201%d-01-01")", i / 2) : "");
    for (const char *const *order = tumour_order_names; *order; order++) {
        const char *after = "", *seen = "", *last = NULL, *member = **order == '-' ? *order + 1 : *order;
        int pages = 0, items = 0;
        while (after) {
            REPLY r = api_get(AS_GENERAL, "/api/v1/tumours?name=%s&order=%s&limit=2%s", name, *order, after);
            ck_status(&r, 200);
            for (size_t i = 0; i < json_array_size(json_object_get(r.json, "items")); i++, items++) {
                const char *id = text_at(&r, text_of("items/%zu/tumour_id", i));
                const char *key =
                    text_at(&r, text_of("items/%zu/%s", i, strcmp(member, "name") ? member : "last_name"));
                ck_assert_ptr_null(strstr(seen, id));
                seen = text_of("%s %s", seen, id);
                key = text_of("%s", strcmp(key, "null") ? key : "");
                if (last)
                    ck_assert_int_ge((**order == '-' ? -1 : 1) * strcmp(key, last), 0);
                last = key;
            }
            bool more = json_is_string(json_object_get(r.json, "next"));
            after = more ? text_of("&after=%s", text_at(&r, "next")) : NULL;
            pages++;
        }
        ck_assert_int_eq(items, MADE);
        ck_assert_int_eq(pages, (MADE + 1) / 2);
    }
}
END_TEST

START_TEST(a_cursor_of_another_order_is_refused)
{
    const char *name = text_of("Cursor%.12s", new_id());
    make_tumour(name, "");
    make_tumour(name, "");
    REPLY first = api_get(AS_GENERAL, "/api/v1/tumours?name=%s&limit=1", name);
    const char *next = kept_at(&first, "next");
    static const char *const orders[] = {"operation_date", "-updated_at"};
    for (size_t i = 0; i < COUNT(orders); i++) {
        REPLY r = api_get(AS_GENERAL, "/api/v1/tumours?order=%s&after=%s", orders[i], next);
        ck_status(&r, 422);
        ck_refuses(&r, "/after");
    }
    REPLY made_up = api_get(AS_GENERAL, "/api/v1/tumours?after=Zm9v");
    ck_status(&made_up, 422);
}
END_TEST

static struct reply remove_all(const char *token, const char *body)
{
    return api_call((struct call){.method = "DELETE", .token = token, .path = "/api/v1/tumours", .body = body});
}

START_TEST(all_are_removed_by_a_superuser_who_types_it)
{
    static const char confirmed[] = R"({"confirmation": "delete all tumours"})";
    const char *id = make_tumour("Tovins", R"("treatment": "none")");
    make_tumour("Tovins", "");
    REPLY admin = remove_all(AS_ADMIN, confirmed);
    ck_status(&admin, 403);
    REPLY untyped = remove_all(AS_SUPERUSER, NULL);
    ck_status(&untyped, 422);
    ck_refuses(&untyped, "/confirmation");
    REPLY mistyped = remove_all(AS_SUPERUSER, R"({"confirmation": "delete"})");
    ck_status(&mistyped, 422);
    const char *count = text_of("%s", sql_value("SELECT count(*) FROM users.tumour"));
    REPLY all = remove_all(AS_SUPERUSER, confirmed);
    ck_reply(&all, 200, "deleted", count);
    ck_assert_str_eq(sql_value("SELECT count(*) FROM users.tumour"), "0");
    ck_assert_ptr_nonnull(strstr(entries(id), "tumour.delete_all written"));
    REPLY again = remove_all(AS_SUPERUSER, confirmed);
    ck_reply(&again, 200, "deleted", "0");
}
END_TEST

/* Row-level security is behind it: tests/api/common/test_row_security.c. */
START_TEST(analytics_sees_no_names)
{
    ck_assert_str_eq(sql_value("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'users'"
                               " AND table_name = 'published_tumour' AND column_name IN ('first_name', 'last_name',"
                               " 'name_key', 'email', 'birth_date', 'operation_date', 'source_key')"),
                     "0");
    ck_assert_str_eq(sql_value("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'users'"
                               " AND table_name = 'tumour' AND column_name IN ('first_name', 'last_name', 'name_key',"
                               " 'email', 'birth_date') AND has_column_privilege('mnemos_analytics', 'users.tumour',"
                               " column_name, 'select')"),
                     "0");
}
END_TEST

int main(void)
{
    return API_TESTS(
        &users_service, a_tumour_is_created_and_read, members_that_are_not_given_are_unknown,
        each_value_of_each_coded_member_is_kept, the_table_takes_what_the_field_table_takes_at_its_limits_and_no_more,
        a_code_of_no_catalogue_is_refused, contradictions_name_both_members,
        replacing_forgets_what_is_not_given_and_changing_does_not, derived_values_follow_until_they_are_given,
        a_removed_tumour_is_gone_and_its_history_is_for_administrators, each_read_and_write_leaves_an_entry,
        many_that_are_changed_at_once_have_each_their_version_and_entry, lists_are_filtered_by_each_coded_member,
        lists_are_filtered_by_the_bounds_of_each_day_and_number, names_are_searched_by_each_word_in_any_case,
        each_order_is_kept_across_pages, a_cursor_of_another_order_is_refused,
        all_are_removed_by_a_superuser_who_types_it, analytics_sees_no_names);
}

#include "tests/support/unit.h"

#include "services/ctl/invented_tumour.h"
#include "services/ctl/population.h"
#include "services/users/tumour/tumour.h"

#include <stdlib.h>
#include <string.h>

enum { YEAR = 2026, MANY = 3000 };

static struct tumour record_of(struct scene *s, const struct invented_tumour *t)
{
    struct tumour out = {0};
    for (int i = 0; i < INVENTED_COUNT; i++)
        if (strcmp(invented_columns[i], "id") != 0)
            ck_assert_msg(schema_set_column(&tumour_row_schema, 0, invented_columns[i],
                                            *t->values[i] ? t->values[i] : NULL, &s->arena, &out) >= 0,
                          "the registry has no %s", invented_columns[i]);
    return out;
}

START_TEST(each_invented_tumour_is_one_that_the_registry_takes)
{
    const struct date new_year = {YEAR, 1, 1};
    for (long i = 0; i < MANY; i++) {
        SCENE(s);
        struct invented_tumour t;
        invented_tumour(1, YEAR, i, &t);
        struct tumour record = record_of(&s, &t);
        enum status status = tumour_check(&record, NULL, new_year, &s.why);
        ck_assert_msg(status == OK, "%ld: %s %s", i, s.why.error_count > 0 ? s.why.errors[0].pointer : "",
                      s.why.error_count > 0 ? s.why.errors[0].detail : "");
        ck_assert_str_eq(record.bmi_class, t.values[INVENTED_bmi_class]);
        ck_assert_int_eq(record.age_at_operation.value, strtol(t.values[INVENTED_age_at_operation], NULL, 10));
    }
}
END_TEST

START_TEST(the_same_seed_gives_the_same_tumours_and_another_one_others)
{
    struct invented_tumour a, b, other, next;
    invented_tumour(7, YEAR, 5, &a);
    invented_tumour(7, YEAR, 5, &b);
    invented_tumour(8, YEAR, 5, &other);
    invented_tumour(7, YEAR, 6, &next);
    ck_assert_int_eq(memcmp(&a, &b, sizeof a), 0);
    ck_assert_str_ne(a.values[INVENTED_id], other.values[INVENTED_id]);
    ck_assert_str_ne(a.values[INVENTED_id], next.values[INVENTED_id]);
    ck_assert_str_ne(a.values[INVENTED_weight_kg], "");
}
END_TEST

/* Of whom stage 3b and 3c are many, with and without the strong treatment. */
START_TEST(sicker_patients_get_the_stronger_treatments_more_often)
{
    int advanced[2] = {0}, all[2] = {0};
    for (long i = 0; i < MANY; i++) {
        struct invented_tumour t;
        invented_tumour(1, YEAR, i, &t);
        bool strong = strcmp(t.values[INVENTED_treatment], "folfox_or_xelox") == 0;
        if (!strong && strcmp(t.values[INVENTED_treatment], "none") != 0)
            continue;
        const char *stage = t.values[INVENTED_uicc];
        all[strong]++;
        advanced[strong] += strcmp(stage, "3b") == 0 || strcmp(stage, "3c") == 0;
    }
    ck_assert_int_gt(all[0], MANY / 8);
    ck_assert_int_gt(all[1], MANY / 8);
    ck_assert_double_gt((double)advanced[1] / all[1], 1.3 * advanced[0] / all[0]);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(each_invented_tumour_is_one_that_the_registry_takes,
                      the_same_seed_gives_the_same_tumours_and_another_one_others,
                      sicker_patients_get_the_stronger_treatments_more_often);
}

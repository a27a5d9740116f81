#include "common/identity/principal.h"
#include "tests/support/unit.h"

#include <string.h>

static bool may(struct access access, enum role role, enum specialty specialty)
{
    struct principal who = {.role = role, .specialty = specialty};
    return access_allows(access, &who);
}

START_TEST(roles_and_specialties_have_names_both_ways)
{
    for (int i = 0; role_names[i]; i++)
        ck_assert_str_eq(role_name(role_parse(role_names[i])), role_names[i]);
    for (int i = 0; specialty_names[i]; i++)
        ck_assert_str_eq(specialty_name(specialty_parse(specialty_names[i])), specialty_names[i]);
    ck_assert_int_eq(role_parse("healthpro"), HEALTHPRO);
    ck_assert_int_eq(role_parse("superuser"), SUPERUSER);
    ck_assert_int_eq(role_parse("researcher"), RESEARCHER);
    ck_assert_int_eq(role_parse("client"), CLIENT);
    ck_assert_int_eq(specialty_parse("neurologist"), NEUROLOGIST);
    ck_assert_int_eq(specialty_parse("geriatrician"), GERIATRICIAN);
    ck_assert_str_eq(role_name(ANONYMOUS), "anonymous");
    ck_assert_str_eq(role_name(ENROLLING), "enrolling");
}
END_TEST

START_TEST(unknown_names_are_nothing)
{
    ck_assert_int_eq(role_parse("root"), 0);
    ck_assert_int_eq(role_parse("anonymous"), 0); /* nobody gets a token for it */
    ck_assert_int_eq(role_parse("enrolling"), 0);
    ck_assert_int_eq(role_parse(""), 0);
    ck_assert_int_eq(role_parse(NULL), 0);
    ck_assert_int_eq(specialty_parse("surgeon"), 0);
    ck_assert_int_eq(specialty_parse(NULL), 0);
    ck_assert_ptr_null(specialty_name((enum specialty)0));
}
END_TEST

START_TEST(access_is_given_to_the_roles_of_the_row)
{
    struct access access = {.roles = HEALTHPRO | ADMINS};
    ck_assert(may(access, HEALTHPRO, GENERAL));
    ck_assert(may(access, ADMIN, 0));
    ck_assert(may(access, SUPERUSER, 0));
    ck_assert(!may(access, PATIENT, 0));
    ck_assert(!may(access, CAREGIVER, 0));
    ck_assert(!may(access, ANONYMOUS, 0));
}
END_TEST

START_TEST(specialties_narrow_healthpros_only)
{
    struct access access = {.roles = HEALTHPRO | ADMIN, .specialties = NEUROLOGIST | PSYCHOLOGIST};
    ck_assert(may(access, HEALTHPRO, NEUROLOGIST));
    ck_assert(may(access, HEALTHPRO, PSYCHOLOGIST));
    ck_assert(!may(access, HEALTHPRO, GENERAL));
    ck_assert(!may(access, HEALTHPRO, 0));
    ck_assert(may(access, ADMIN, 0));
    ck_assert(!may(access, PATIENT, NEUROLOGIST));
}
END_TEST

START_TEST(scopes_have_names_both_ways)
{
    char text[SCOPES_SIZE];
    unsigned all = 0;
    for (unsigned i = 0; scope_names[i]; i++) {
        ck_assert_uint_eq(scopes_parse(scope_names[i]), 1U << i);
        ck_assert_ptr_nonnull(scope_summaries[i]);
        all |= 1U << i;
    }
    scopes_print(all, text);
    ck_assert_uint_eq(scopes_parse(text), all);
    scopes_print(0, text);
    ck_assert_str_eq(text, "");
    scopes_print(COUNTS_READ | PEOPLE_READ, text);
    ck_assert_str_eq(text, "people:read counts:read");
    ck_assert_uint_eq(scopes_parse("counts:read  root  counts:rea people:read "), COUNTS_READ | PEOPLE_READ);
    ck_assert_uint_eq(scopes_parse(NULL), 0);
    ck_assert(scopes_known("counts:read"));
    ck_assert(scopes_known(" people:read  counts:read "));
    ck_assert(!scopes_known("counts:read root"));
    ck_assert(!scopes_known("counts:rea"));
    ck_assert(!scopes_known(" "));
    ck_assert(!scopes_known(NULL));
}
END_TEST

START_TEST(a_client_may_what_its_scopes_say)
{
    struct principal client = {.role = CLIENT, .scopes = COUNTS_READ};
    struct access counts = {.roles = USERS, .scope = COUNTS_READ}, names = {.roles = CARE, .scope = PEOPLE_READ},
                  closed = {.roles = USERS}, open = {.roles = ANYONE};
    ck_assert(access_allows(counts, &client));
    ck_assert(!access_allows(names, &client));
    ck_assert(!access_allows(closed, &client));
    ck_assert(access_allows(open, &client));
    client.role = RESEARCHER; /* scopes are nothing to people */
    client.scopes = PEOPLE_READ;
    ck_assert(access_allows(counts, &client));
    ck_assert(!access_allows(names, &client));
}
END_TEST

START_TEST(nobody_gets_in_where_nobody_is_named)
{
    struct access nobody = {0};
    for (unsigned role = ANONYMOUS; role <= CLIENT; role <<= 1)
        ck_assert(!may(nobody, (enum role)role, 0));
    struct access anyone = {.roles = ANYONE};
    for (unsigned role = ANONYMOUS; role <= CLIENT; role <<= 1)
        ck_assert(may(anyone, (enum role)role, 0));
    ck_assert(!(USERS & (ANONYMOUS | CLIENT)));
    ck_assert(!(CARE & RESEARCHER));
    ck_assert(!(ANYONE & ENROLLING));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(roles_and_specialties_have_names_both_ways, unknown_names_are_nothing,
                      access_is_given_to_the_roles_of_the_row, specialties_narrow_healthpros_only,
                      scopes_have_names_both_ways, a_client_may_what_its_scopes_say,
                      nobody_gets_in_where_nobody_is_named);
}

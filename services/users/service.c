#include "services/users/users.h"

#include <stdlib.h>

enum { CREATIONS_WAITING = 2 /* every one that waits holds up the other requests of its thread */ };

static struct users_settings {
    long password_memory_mib;
    struct password_cost password_cost;
    long draft_hours;
} settings;

static const struct setting users_settings[] = {
    SETTING_INTEGER(struct users_settings, password_memory_mib, "PASSWORD_MEMORY_MIB", .fallback = "38",
                    .min = PASSWORD_HASH_MIB, .max = 65536,
                    .summary = "memory for all password hashes at a time; beyond it 503"),
    PASSWORD_COST_SETTINGS(struct users_settings, password_cost),
    SETTING_INTEGER(struct users_settings, draft_hours, "TUMOUR_DRAFT_HOURS", .fallback = "72", .min = 1, .max = 8760,
                    .summary = "how long the draft of a tumour is kept after it was last saved"),
    {0},
};

static const struct constraint users_constraints[] = {
    {"account_name_taken", CONFLICT, "name", "is taken"},
    {"person_name_taken", CONFLICT, "name", "is taken"},
    {"person_caregiver", INVALID, "caregiver_id", "is not of a caregiver"},
    {"tumour_primary_site", INVALID, "primary_site", "is no code of /api/v1/primary-sites"},
    {"tumour_metastasis_diagnostics", INVALID, "metastasis_diagnostics",
     "is no code of /api/v1/metastasis-diagnostics"},
    {"tumour_treatment", INVALID, "treatment", "is no code of /api/v1/treatments"},
    {"tumour_earlier_treatment", INVALID, "treatments", "has a code that is none of /api/v1/treatments"},
    {"treatment_code_taken", CONFLICT, "code", "is taken"},
    {"primary_site_code_taken", CONFLICT, "code", "is taken"},
    {"metastasis_diagnostic_code_taken", CONFLICT, "code", "is taken"},
    {0},
};

static bool start(const struct service_settings *common, struct db_pool *pool, void **app)
{
    (void)common, (void)pool;
    if (!password_check_works()) {
        fprintf(stderr, "The dictionary of forbidden passwords is missing: install cracklib-runtime.\n");
        return false;
    }
    if (!password_cost_fits(&settings.password_cost, settings.password_memory_mib))
        return false;
    struct users *users = calloc(1, sizeof *users);
    if (!users)
        abort();
    users->gate = password_gate_new(&settings.password_cost, settings.password_memory_mib, CREATIONS_WAITING);
    users->draft_hours = (int)settings.draft_hours;
    *app = users;
    return true;
}

static void stop(void *app)
{
    struct users *users = app;
    password_gate_drop(users->gate);
    free(users);
}

const struct service users_service = {
    .name = "users",
    .summary = "caregivers, healthcare professionals, patients, and the tumour registry",
    .http_port = 8102,
    .ops_port = 9102,
    .migration = "users/tumour_draft", /* of what it needs, the last in the plan */
    .routes = users_routes,
    .constraints = users_constraints,
    .settings = users_settings,
    .settings_out = &settings,
    .start = start,
    .stop = stop,
};

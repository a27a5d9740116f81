#include "services/users/tumour/legend.h"
#include "services/users/users.h"

#include "common/science/mmse/score.h"

#include <stdlib.h>
#include <string.h>

enum {
    CREATIONS_WAITING = 2, /* every one that waits holds up the other requests of its thread */
    FILES_AT_ONCE = 2,     /* imports and exports */
};

static struct users_settings {
    long password_memory_mib;
    struct password_cost password_cost;
    long draft_hours;
    char *tumour_legend;
    long tumour_import_hours;
    long sweep_seconds;
    double mmse_standard_error;
    char *mmse_standard_error_source;
} settings;

static const struct setting users_settings[] = {
    SETTING_INTEGER(struct users_settings, password_memory_mib, "PASSWORD_MEMORY_MIB", .fallback = "38",
                    .min = PASSWORD_HASH_MIB, .max = 65536,
                    .summary = "memory of all concurrent password hashes; beyond it 503"),
    PASSWORD_COST_SETTINGS(struct users_settings, password_cost),
    SETTING_INTEGER(struct users_settings, draft_hours, "TUMOUR_DRAFT_HOURS", .fallback = "72", .min = 1, .max = 8760,
                    .summary = "hours that the draft of a tumour is kept after it was last saved"),
    SETTING_TEXT(struct users_settings, tumour_legend, "TUMOUR_LEGEND",
                 .summary = "file that describes the hospital's spreadsheets, as `legend/hospital.json`"),
    SETTING_INTEGER(struct users_settings, tumour_import_hours, "TUMOUR_IMPORT_HOURS", .fallback = "24", .min = 1,
                    .max = 24L * 31, .summary = "hours in which a checked file of tumours or scores can be committed"),
    SETTING_INTEGER(struct users_settings, sweep_seconds, "SWEEP_SECONDS", .fallback = "60", .min = 1, .max = 3600,
                    .summary = "seconds between removals of expired drafts and imports"),
    MMSE_STANDARD_ERROR_SETTING(struct users_settings, mmse_standard_error),
    SETTING_TEXT(struct users_settings, mmse_standard_error_source, "MMSE_STANDARD_ERROR_SOURCE",
                 .fallback = "Feeney et al., J Alzheimers Dis 53 (2016) 1107-1114",
                 .summary = "source of the standard error; shown beside the results"),
    {0},
};

static const struct constraint users_constraints[] = {
    {"account_name_taken", CONFLICT, "name", "is taken"},
    {"person_name_taken", CONFLICT, "name", "is taken"},
    {"person_caregiver", INVALID, "caregiver_id", "is not of a caregiver"},
    {"assessment_only", CONFLICT, NULL, "This is the only assessment of the patient; correct it instead."},
    {"tumour_primary_site", INVALID, "primary_site", "is no code of /api/v1/primary-sites"},
    {"tumour_metastasis_diagnostics", INVALID, "metastasis_diagnostics",
     "is no code of /api/v1/metastasis-diagnostics"},
    {"tumour_treatment", INVALID, "treatment", "is no code of /api/v1/treatments"},
    {"tumour_source_key_taken", CONFLICT, NULL, "The registry has changed since the file was checked; send it again."},
    {"tumour_earlier_treatment", INVALID, "treatments", "has a code that is none of /api/v1/treatments"},
    {"treatment_code_taken", CONFLICT, "code", "is taken"},
    {"primary_site_code_taken", CONFLICT, "code", "is taken"},
    {"metastasis_diagnostic_code_taken", CONFLICT, "code", "is taken"},
    {0},
};

static char *file_read(const char *path, size_t *size)
{
    char *text = malloc(LEGEND_BYTES_MAX + 1);
    FILE *file = fopen(path, "re");
    if (!text)
        abort();
    *size = file ? fread(text, 1, LEGEND_BYTES_MAX + 1, file) : 0;
    bool read = file && !ferror(file);
    if (file)
        fclose(file);
    if (read)
        return text;
    free(text);
    return NULL;
}

/* True without one. Everything that is wrong with it is said with its place. */
static bool legend_load(const char *path, struct arena *arena, const struct legend **out)
{
    struct problem why;
    size_t size;
    if (!*path)
        return true;
    char *text = file_read(path, &size);
    struct legend *legend = arena_alloc(arena, sizeof *legend);
    problem_reset(&why, arena);
    if (!text)
        fprintf(stderr, "TUMOUR_LEGEND: %s cannot be read\n", path);
    bool good = text && legend_parse(text, size, "", arena, legend, &why) == OK;
    for (int i = 0; text && i < why.error_count; i++)
        fprintf(stderr, "TUMOUR_LEGEND: %s: %s %s\n", path, why.errors[i].pointer, why.errors[i].detail);
    free(text);
    *out = legend;
    return good;
}

static bool check(void)
{
    struct arena arena = {0};
    const struct legend *legend;
    bool good = legend_load(settings.tumour_legend, &arena, &legend);
    arena_release(&arena);
    return good;
}

static const char sweep[] = "SELECT users.tumour_draft_expire(1000) + shared.import_expire(5000) AS gone";

static bool start(const struct service_settings *common, struct db_pool *pool, void **app)
{
    (void)common;
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
    users->imports.gate = gate_new(FILES_AT_ONCE, 0, "Other files are being worked on at the moment; try again.");
    users->imports.hours = settings.tumour_import_hours;
    users->mmse_standard_error = settings.mmse_standard_error;
    users->mmse_standard_error_source = settings.mmse_standard_error_source;
    legend_load(settings.tumour_legend, &users->legend_arena, &users->legend); /* check has found it good */
    users->sweeper = sweeper_start(pool, sweep, settings.sweep_seconds);
    *app = users;
    return true;
}

static void stop(void *app)
{
    struct users *users = app;
    sweeper_stop(users->sweeper);
    password_gate_drop(users->gate);
    gate_drop(users->imports.gate);
    arena_release(&users->legend_arena);
    free(users);
}

const struct service users_service = {
    .name = "users",
    .summary = "caregivers, healthcare professionals, patients and their MMSE scores, and the tumour registry",
    .http_port = 8102,
    .ops_port = 9102,
    .migration = "shared/import", /* of what it needs, the last in the plan */
    .routes = users_routes,
    .constraints = users_constraints,
    .settings = users_settings,
    .settings_out = &settings,
    .check = check,
    .start = start,
    .stop = stop,
};

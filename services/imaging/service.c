#include "services/imaging/imaging.h"

static struct imaging_settings settings;

static const struct setting imaging_setting_table[] = {
    SETTING_FLAG(struct imaging_settings, open_elements, "OPEN_ELEMENTS", .fallback = "off",
                 .summary = "on: anyone may use the historic path /api/elements/, even without logging in"),
    {0},
};

static const struct constraint imaging_constraints[] = {
    {"element_pkey", CONFLICT, "id", "is the id of another element"},
    {0},
};

static bool start(const struct service_settings *common, struct db_pool *pool, void **app)
{
    (void)common, (void)pool;
    *app = &settings;
    return true;
}

const struct service imaging_service = {
    .name = "imaging",
    .summary = "elements of numbers and the devices they come from",
    .http_port = 8104,
    .ops_port = 9104,
    .http_threads = 16,                  /* a write waits for the disk, and those that wait together share one flush */
    .migration = "auth/signing_key_use", /* of what it needs, the last in the plan */
    .routes = imaging_routes,
    .constraints = imaging_constraints,
    .settings = imaging_setting_table,
    .settings_out = &settings,
    .start = start,
};

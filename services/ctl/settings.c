#include "services/ctl/ctl.h"

#include "common/base/setting.h"
#include "common/identity/secret.h"

static const struct setting table[] = {
    SETTING_TEXT(struct ctl_settings, database_url, "DATABASE_URL", .rules = SETTING_REQUIRED | SETTING_SECRET,
                 .summary = "libpq connection string of the role mnemos_owner"),
    SETTING_TEXT(struct ctl_settings, demo_password, "DEMO_PASSWORD", .rules = SETTING_SECRET,
                 .summary = "password of all people in a generated population; random if empty"),
    PASSWORD_COST_SETTINGS(struct ctl_settings, password_cost),
    SETTING_TEXT(struct ctl_settings, signing_key_secret, "SIGNING_KEY_SECRET", .rules = SETTING_SECRET,
                 .summary = "that of the auth service; for `access-log verify` and `rotate-keys`"),
    {0},
};

static struct ctl_settings settings;
static bool settings_known;

const struct ctl_settings *ctl_settings(void)
{
    if (!settings_known)
        settings_known = settings_read(table, &settings, stderr);
    return settings_known ? &settings : NULL;
}

enum status ctl_signing_key_secret(struct problem *why, const char **out)
{
    if (!ctl_settings())
        return INVALID;
    if (!secret_is_good(settings.signing_key_secret))
        return fail(why, INVALID, NULL, "SIGNING_KEY_SECRET must be the %d hexadecimal digits of the auth service.",
                    SECRET_DIGITS);
    *out = settings.signing_key_secret;
    return OK;
}

void ctl_settings_release(void)
{
    settings_release(table, &settings);
}

enum status settings_command(int argc, char **argv, struct problem *why)
{
    (void)argc, (void)argv, (void)why;
    puts("| setting | default | what |\n|---|---|---|");
    settings_print(table, stdout);
    return OK;
}

/* create-admin: the first accounts of a new installation, and further ones. reset-second-factor: for an account that
 * has lost it and has no superuser to ask. */
#include "services/ctl/admin.h"
#include "services/ctl/ctl.h"
#include "services/ctl/new_password.h"
#include "services/ctl/option.h"

#include "common/base/text.h"

#include <stdio.h>

static enum status name_check(const char *name, struct problem *why)
{
    if (!name)
        return fail(why, INVALID, NULL, "Say the administrator's name: mnemosctl create-admin NAME.");
    if (!text_is_name(name))
        return fail(why, INVALID, NULL, "The name must have 1 to %d characters of UTF-8, none of them a control one.",
                    NAME_LENGTH_MAX);
    return OK;
}

enum status create_admin_command(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    bool superuser = false;
    const char *name = NULL, *file = NULL, *password = NULL;
    char hash[PASSWORD_HASH_SIZE];
    const struct option_row rows[] = {
        {"--superuser", .flag = &superuser},
        {"--password-file", .text = &file},
        {0},
    };
    TRY(options_read(rows, argc, argv, 1, &name, why));
    TRY(name_check(name, why));
    TRY(database_open(why, &pg));
    TRY(file ? new_password_from_file(file, why, &password) : new_password_ask(why, &password));
    TRY(new_password_hash(password, why, hash));
    TRY(password_check(password, name, NULL, why));
    TRY(admin_insert(pg, name, superuser ? "superuser" : "admin", hash, why));
    printf("%s is now %s.\n", name, superuser ? "a superuser" : "an administrator");
    return OK;
}

enum status reset_second_factor_command(int argc, char **argv, struct problem *why)
{
    AUTO(database_close) PGconn *pg = NULL;
    const char *name = NULL;
    TRY(options_read((const struct option_row[]){{0}}, argc, argv, 1, &name, why));
    if (!name)
        return fail(why, INVALID, NULL, "Name the account: mnemosctl reset-second-factor NAME.");
    TRY(database_open(why, &pg));
    TRY(admin_reset_second_factor(pg, name, why));
    printf("%s can log in with the password alone; the sessions of before have ended.\n", name);
    return OK;
}

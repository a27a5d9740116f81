/* mnemosctl, the operator's command: the parts that its commands share.
 *
 * A command returns OK, or another status after leaving a sentence in why. Texts from outside live in why->arena until
 * the program ends, which wipes them: passwords among them. */
#pragma once

#include "common/identity/password.h"

struct command {
    const char *name;
    enum status (*act)(int argc, char **argv, struct problem *why); /* argv[0] is the command's name */
    const char *arguments;
    const char *summary;
};

enum status generate_command(int argc, char **argv, struct problem *why);
enum status rebuild_command(int argc, char **argv, struct problem *why);
enum status create_admin_command(int argc, char **argv, struct problem *why);
enum status reset_second_factor_command(int argc, char **argv, struct problem *why);
enum status calibrate_passwords_command(int argc, char **argv, struct problem *why);
enum status rotate_keys_command(int argc, char **argv, struct problem *why);
enum status check_settings_command(int argc, char **argv, struct problem *why);
enum status merge_openapi_command(int argc, char **argv, struct problem *why);
enum status index_openapi_command(int argc, char **argv, struct problem *why);
enum status jobs_command(int argc, char **argv, struct problem *why);
enum status access_log_command(int argc, char **argv, struct problem *why);
enum status mmse_evaluate_command(int argc, char **argv, struct problem *why);
enum status survival_command(int argc, char **argv, struct problem *why);
enum status settings_command(int argc, char **argv, struct problem *why);

/* The first call reads them from the environment. NULL after sentences about the faults. */
struct ctl_settings {
    char *database_url;
    char *demo_password;
    struct password_cost password_cost;
    char *signing_key_secret; /* may be empty: few commands need it */
};
const struct ctl_settings *ctl_settings(void);
void ctl_settings_release(void);

/* For the commands that need it. */
enum status ctl_signing_key_secret(struct problem *why, const char **out);

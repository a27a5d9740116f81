#include "services/ctl/ctl.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status help(int argc, char **argv, struct problem *why);
static enum status version(int argc, char **argv, struct problem *why);

#define POPULATION "[--people N] [--seed S] [--tumours N] [--password-file FILE]"

static const struct command commands[] = {
    {"generate", generate_command, POPULATION, "fill an empty database with people"},
    {"rebuild", rebuild_command, POPULATION " [--yes]", "replace all people by invented ones"},
    {"create-admin", create_admin_command, "NAME [--superuser] [--password-file FILE]", "make an administrator"},
    {"reset-second-factor", reset_second_factor_command, "NAME",
     "remove an account's second factor, after a lost device"},
    {"rotate-keys", rotate_keys_command, "[--after SECONDS | --list | --retire ID]",
     "publish a new signing key, which signs once every service knows it"},
    {"calibrate-passwords", calibrate_passwords_command, "[--target-ms N] [--memory-mib N]",
     "recommend the cost of password hashes on this machine"},
    {"access-log", access_log_command,
     "verify [--expect NUMBER:SEAL] | export [--from T] [--until T] [--person ID] | expire --keep-months N",
     "verify the seals of the access log, export entries, or drop months that are too old"},
    {"jobs", jobs_command, "list [--state S] [--kind K] [--limit N] | replay ID | replay --all [--kind K] | cancel ID",
     "list the tasks of all services, replay failed ones, or cancel one"},
    {"check-settings", check_settings_command, "[SERVICE]", "check the settings of services"},
    {"merge-openapi", merge_openapi_command, "FILE...", "merge OpenAPI documents into one"},
    {"index-openapi", index_openapi_command, "[--html] FILE",
     "list the operations of a merged document by service and resource, as JSON or HTML"},
    {"survival", survival_command, "FILE --time C --event C --arm C [--covariates C,...] [--tau DAYS,...] [--json]",
     "compare the treatments in a CSV file by restricted mean survival time; needs no database"},
    {"mmse-evaluate", mmse_evaluate_command,
     "VISITS.csv [--method M|all] [--train OTHER.csv] [--folds COLUMN | --seed S] [--reml] [--json]",
     "evaluate how well models predict the last MMSE score of each person in a CSV file; needs no database"},
    {"help", help, "", "this text"},
    {"--help", help, NULL, NULL},
    {"--settings", settings_command, "", "the settings, read from the environment"},
    {"--version", version, "", "name and version"},
};

static enum status help(int argc, char **argv, struct problem *why)
{
    (void)argc, (void)argv, (void)why;
    puts("mnemosctl: the operator's command of Mnemos. It finds the database by DATABASE_URL (role mnemos_owner).\n");
    for (size_t i = 0; i < COUNT(commands); i++)
        if (commands[i].summary)
            printf("  %s%s%s\n      %s\n", commands[i].name, *commands[i].arguments ? " " : "", commands[i].arguments,
                   commands[i].summary);
    return OK;
}

static enum status version(int argc, char **argv, struct problem *why)
{
    (void)argc, (void)argv, (void)why;
    puts("mnemosctl " MNEMOS_VERSION);
    return OK;
}

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static enum status run(int argc, char **argv, struct problem *why)
{
    if (argc < 2)
        return fail(why, INVALID, NULL, "Say what to do; mnemosctl help lists the commands.");
    const struct command *command = command_named(argv[1]);
    if (!command)
        return fail(why, INVALID, NULL, "There is no command '%s'; mnemosctl help lists them.", argv[1]);
    if (argc == 3 && strcmp(argv[2], "--help") == 0 && command->summary) {
        printf("mnemosctl %s %s\n    %s\n", command->name, command->arguments, command->summary);
        return OK;
    }
    TRY(command->act(argc - 1, argv + 1, why));
    if (fflush(stdout) != 0)
        return fail(why, FAULT, NULL, "The output could not be written.");
    return OK;
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0)
        abort();
    struct arena arena = {0};
    struct problem why;
    problem_reset(&why, &arena);
    enum status status = run(argc, argv, &why);
    if (why.detail)
        fprintf(stderr, "mnemosctl: %s\n", why.detail);
    ctl_settings_release();
    arena_release(&arena);
    return status == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Tables of patients from outside (the first byte says which columns play a role, and behind a zero byte are profiles),
 * and what is computed from them: whatever the numbers are, there is an answer or a refusal, and probabilities are
 * probabilities. */
#include "common/science/treatment/patient_table.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *const covariates[] = {"x", "y"}, *const factors[] = {"y"};

static void compare(const struct patient_table *patients, struct arena *arena, struct problem *why)
{
    static const double times[] = {1, 10, 1000};
    struct comparison_options options = {.times = times, .time_count = 3, .patients_min = 3, .events_min = 2};
    struct comparison c;
    if (comparison_run(&patients->data, &options, arena, &c, why) != OK) {
        PROMISE(why->error_count > 0 || why->detail);
        return;
    }
    for (size_t a = 0; a < c.arm_count; a++)
        for (size_t i = 0; c.arms[a].adjusted.known && i < c.arms[a].adjusted.curve.step_count; i++) {
            double survival = c.arms[a].adjusted.curve.steps[i].survival;
            PROMISE(survival >= 0 && survival <= 1);
        }
    for (size_t i = 0; i < c.pair_count; i++)
        PROMISE(!(c.pairs[i].logrank.p < 0) && !(c.pairs[i].logrank.p_holm > 1));
    PROMISE(c.verdict.decision == RECOMMENDED || c.verdict.reason_count > 0);
}

/* In memory of their own, so that nothing behind them is looked at. */
static char *copy(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, bytes, size);
    return text;
}

static void read_profiles(struct patient_table *patients, const uint8_t *bytes, size_t size, struct problem *why)
{
    char *text = copy(bytes, size);
    enum status status = patient_table_profiles_read(patients, text, size, why->arena, why);
    free(text);
    PROMISE(status == OK ? patients->data.profile_count <= PATIENT_TABLE_PROFILES_MAX : why->detail != NULL);
    for (size_t i = 0; i < patients->data.profile_count; i++) {
        const struct comparison_profile *p = &patients->data.profiles[i];
        PROMISE(p->stratum == 0 || (p->stratum > 0 && (size_t)p->stratum < patients->stratum_count));
        PROMISE(patients->profile_names[i] != NULL);
        PROMISE(!(p->values[1] < 0) && !(p->values[1] >= PATIENT_TABLE_LEVELS_MAX));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct arena arena = {0};
    struct problem why;
    struct patient_table patients;
    struct patient_table_columns columns = {.time = "t",
                                            .event = "e",
                                            .arm = "a",
                                            .start = bytes[0] & 1 ? "s" : NULL,
                                            .strata = bytes[0] & 2 ? "g" : NULL,
                                            .covariates = covariates,
                                            .covariate_count = 2,
                                            .factors = factors,
                                            .factor_count = 1,
                                            .interactions = factors,
                                            .interaction_count = bytes[0] & 4 ? 1 : 0};
    problem_reset(&why, &arena);
    const uint8_t *table = bytes + 1, *end = bytes + size, *zero = memchr(table, 0, size - 1);
    size_t table_size = (size_t)((zero ? zero : end) - table);
    char *text = copy(table, table_size);
    if (patient_table_read(text, table_size, &columns, &arena, &patients, &why) == OK) {
        PROMISE(patients.rows == patients.left_out + patients.data.survival.count);
        if (zero)
            read_profiles(&patients, zero + 1, (size_t)(end - zero - 1), &why);
        compare(&patients, &arena, &why);
    } else {
        PROMISE(why.detail || why.error_count > 0);
    }
    arena_release(&arena);
    free(text);
    return 0;
}

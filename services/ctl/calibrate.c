#include "services/ctl/calibrate.h"

#include "services/ctl/ctl.h"
#include "services/ctl/option.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <stdlib.h>

/* The most memory that keeps to the target with the fewest passes, by halves. */
static bool choose_memory(const struct calibration *c, struct recommendation *r)
{
    r->cost = (struct password_cost){c->memory_max_mib, PASSWORD_HASH_PASSES};
    for (;;) {
        r->duration_us = c->measure(c->context, &r->cost);
        r->too_slow = r->duration_us > c->target_us;
        if (r->duration_us >= 0 && !r->too_slow)
            return true;
        if (r->cost.memory_mib == PASSWORD_HASH_MIB)
            return r->duration_us >= 0;
        r->cost.memory_mib = r->cost.memory_mib / 2 > PASSWORD_HASH_MIB ? r->cost.memory_mib / 2 : PASSWORD_HASH_MIB;
    }
}

/* As many passes as there seems to be time for, or fewer until they keep to the target. */
static void add_passes(const struct calibration *c, struct recommendation *r)
{
    int64_t passes = r->cost.passes * c->target_us / (r->duration_us > 0 ? r->duration_us : 1);
    for (passes = passes < PASSWORD_HASH_PASSES_MAX ? passes : PASSWORD_HASH_PASSES_MAX; passes > r->cost.passes;
         passes--) {
        struct password_cost cost = {r->cost.memory_mib, (long)passes};
        int64_t duration_us = c->measure(c->context, &cost);
        if (duration_us < 0 || duration_us > c->target_us)
            continue;
        r->cost = cost;
        r->duration_us = duration_us;
        return;
    }
}

bool calibrate(const struct calibration *c, struct recommendation *out)
{
    if (!choose_memory(c, out))
        return false;
    /* The first passes cost more than the further ones, since they meet memory that is new: asked twice. */
    for (int round = 0; round < 2 && !out->too_slow; round++)
        add_passes(c, out);
    return true;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The median of three, shown as it is found. */
static int64_t measure(void *unused, const struct password_cost *cost)
{
    enum { ROUNDS = 3 };
    static const unsigned char salt[crypto_pwhash_SALTBYTES];
    unsigned char hash[32];
    int64_t us[ROUNDS];
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t begin = clock_monotonic_us();
        if (crypto_pwhash(hash, sizeof hash, "correct horse battery", 21, salt, (unsigned long long)cost->passes,
                          (size_t)cost->memory_mib * 1024 * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
            printf("%5ld MiB, %3ld passes: not enough memory\n", cost->memory_mib, cost->passes);
            return -1;
        }
        us[i] = clock_monotonic_us() - begin;
    }
    qsort(us, ROUNDS, sizeof *us, by_size);
    int64_t median_us = us[ROUNDS / 2];
    printf("%5ld MiB, %3ld passes: %7.1f ms\n", cost->memory_mib, cost->passes, (double)median_us / 1000);
    fflush(stdout);
    return median_us;
}

enum { AT_A_TIME = 4 };

enum status calibrate_passwords_command(int argc, char **argv, struct problem *why)
{
    long target_ms = 250, memory_max_mib = 64;
    struct recommendation r;
    const struct option_row rows[] = {
        {"--target-ms", .number = &target_ms, .min = 1, .max = 10000},
        {"--memory-mib", .number = &memory_max_mib, .min = PASSWORD_HASH_MIB, .max = PASSWORD_HASH_MIB_MAX},
        {0},
    };
    TRY(options_read(rows, argc, argv, 0, NULL, why));
    printf("Argon2id, one lane, up to %ld MiB and %ld ms for one hash:\n", memory_max_mib, target_ms);
    struct calibration c = {.target_us = target_ms * 1000, .memory_max_mib = memory_max_mib, .measure = measure};
    if (!calibrate(&c, &r))
        return fail(why, UNAVAILABLE, NULL, "There is not even memory for one hash of %d MiB.", PASSWORD_HASH_MIB);
    if (r.too_slow)
        printf("\nEven the least that is safe takes longer than %ld ms here; it is not made weaker.\n", target_ms);
    printf("\nSettings for auth, users and mnemosctl (%.1f ms a hash):\n\n", (double)r.duration_us / 1000);
    printf("PASSWORD_HASH_MIB=%ld\nPASSWORD_HASH_PASSES=%ld\n", r.cost.memory_mib, r.cost.passes);
    printf("PASSWORD_MEMORY_MIB=%ld\n\n", AT_A_TIME * r.cost.memory_mib);
    printf(
        "PASSWORD_MEMORY_MIB holds %d at a time; auth and users take it, give each as many as it has cores or more.\n"
        "Hashes of before are made anew when their owners log in.\n",
        AT_A_TIME);
    return OK;
}

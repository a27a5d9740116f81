/* Numbers that look random and come again for the same seed: for bootstrap and simulation, never for secrets.
 *
 * xoshiro256** (Blackman & Vigna, ACM Trans Math Softw 47 (2021) 36), its state filled by splitmix64 (Steele, Lea &
 * Flood, OOPSLA 2014), as its authors advise. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

struct random random_from(uint64_t seed);

uint64_t random_bits(struct random *r);
double random_uniform(struct random *r);             /* from 0 to below 1 */
size_t random_below(struct random *r, size_t bound); /* 0 .. bound-1, without bias (Lemire 2019); bound > 0 */
double random_normal(struct random *r);              /* mean 0, variance 1: Marsaglia's polar method (1964) */

#include "common/science/statistics/random.h"

#include <assert.h>
#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

struct random random_from(uint64_t seed)
{
    struct random r;
    for (int i = 0; i < 4; i++)
        r.state[i] = splitmix(&seed);
    return r;
}

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t random_bits(struct random *r)
{
    uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, keep = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= keep;
    s[3] = rotate(s[3], 45);
    return result;
}

double random_uniform(struct random *r)
{
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

/* The high half of bits times bound; the few low halves that would favour some numbers are drawn again. */
size_t random_below(struct random *r, size_t bound)
{
    assert(bound > 0);
    for (uint64_t least = -(uint64_t)bound % bound;;) {
        unsigned __int128 product = (unsigned __int128)random_bits(r) * bound;
        if ((uint64_t)product >= least)
            return (size_t)(product >> 64);
    }
}

double random_normal(struct random *r)
{
    for (;;) {
        double x = 2 * random_uniform(r) - 1, y = 2 * random_uniform(r) - 1, square = x * x + y * y;
        if (square > 0 && square < 1)
            return x * sqrt(-2 * log(square) / square);
    }
}

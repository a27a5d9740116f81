/* Sums are compensated: the rounding errors of additions are added up apart, so the result is as good as if it had been
 * summed with twice the digits and does not depend on the order of the numbers. The variant is that of A. Neumaier,
 * "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974), pages 39-51, which unlike
 * Kahan's also holds when a number is larger than the sum so far. */
#include "services/imaging/element/element_numbers.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { SHIFT = 64 }; /* 2^64 numbers near the largest double fit into a sum that is scaled by so many bits */

static const double comfortable = DBL_MAX / 4;

static void make_room(struct element_numbers *n)
{
    n->shift = SHIFT;
    n->sum = ldexp(n->sum, -SHIFT);
    n->lost = ldexp(n->lost, -SHIFT);
}

void element_numbers_add(struct element_numbers *n, double value)
{
    if (n->shift == 0 && (fabs(value) > comfortable || fabs(n->sum) > comfortable))
        make_room(n);
    if (n->count == 0 || value < n->minimum)
        n->minimum = value;
    if (n->count == 0 || value > n->maximum)
        n->maximum = value;
    double scaled = n->shift ? ldexp(value, -n->shift) : value;
    double sum = n->sum + scaled;
    n->lost += fabs(n->sum) >= fabs(scaled) ? (n->sum - sum) + scaled : (scaled - sum) + n->sum;
    n->sum = sum;
    n->count++;
}

static bool separates(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool decimal(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

static bool read_number(const struct word *t, double *out)
{
    /* strtod also takes hexadecimal, "inf" and "nan"; a decimal number holds none of their letters. */
    for (size_t i = 0; i < t->size; i++)
        if (!decimal(t->text[i]))
            return false;
    char *end;
    *out = strtod(t->text, &end);
    return end == t->text + t->size && isfinite(*out);
}

/* The first word at or after text; its size is 0 at the end of the line. */
static struct word word_at(const char *text, size_t place)
{
    struct word t = {.text = text, .place = place};
    while (separates(*t.text))
        t.text++;
    while (t.text[t.size] && !separates(t.text[t.size]))
        t.size++;
    return t;
}

bool element_numbers_add_line(struct element_numbers *n, const char *line, struct word *bad)
{
    for (struct word t = word_at(line, 1); t.size > 0; t = word_at(t.text + t.size, t.place + 1)) {
        double value;
        if (!read_number(&t, &value)) {
            *bad = t;
            return false;
        }
        element_numbers_add(n, value);
    }
    return true;
}

double element_numbers_mean(const struct element_numbers *n)
{
    assert(n->count > 0);
    double mean = ldexp((n->sum + n->lost) / (double)n->count, n->shift);
    return fmin(fmax(mean, n->minimum), n->maximum);
}

/* The numbers of an element: reading them from lines of text, and figures of them all. No I/O.
 *
 * A line is numbers separated by white space, as decimals ("53", "-1.5", "6e-3"); nothing else is one. Numbers are
 * finite, and so is their mean: the sum is kept in a form that cannot overflow. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct element_numbers {
    size_t count;
    double minimum, maximum; /* when count > 0 */
    double sum, lost;        /* the sum and what rounding took from it, both times 2^-shift */
    int shift;
};

void element_numbers_add(struct element_numbers *n, double value);

/* A piece of a line. */
struct word {
    const char *text;
    size_t size;
    size_t place; /* the first one is 1 */
};

/* Adds the numbers of a line. False at the first word that is no finite number, which is left in bad. */
bool element_numbers_add_line(struct element_numbers *n, const char *line, struct word *bad);

/* The arithmetic mean, rounded about once; it lies between minimum and maximum. count must not be 0. */
double element_numbers_mean(const struct element_numbers *n);

/* Tails of the distributions that the tests of the statistics modules need. */
#pragma once

/* P(X > x) of a chi-square variable; NaN without degrees of freedom or without an x. The sums are finite for whole
 * degrees of freedom (Abramowitz & Stegun 1964, 26.4.4 and 26.4.5) and keep their relative precision far out. */
double chi_square_tail(double x, int degrees_of_freedom);

/* P(|Z| > |z|) of a standard normal variable. */
double normal_two_sided(double z);

/* A standard normal variable is within z with this probability: 0.95 -> 1.959964. NaN unless 0 < level < 1. */
double normal_limit(double level);

/* The same for Student's t. NaN without degrees of freedom. */
double student_limit(double level, int degrees_of_freedom);

/* Tells whether the change of a person's score is more than the error of measuring. */
#pragma once

#include <stdbool.h>

/* The reliable change index of N. S. Jacobson & P. Truax, "Clinical significance: a statistical approach to defining
 * meaningful change in psychotherapy research", Journal of Consulting and Clinical Psychology 59 (1991) 12-19: the
 * difference over the standard error of a difference of two scores, the square root of 2 times that of one. Of
 * unchanged people, the share level shows changes of up to threshold points. */
struct reliable_change {
    double difference, standard_error, index, threshold;
    bool within_error;
};

/* standard_error: of one measurement, in the unit of the scores, above 0. level: 0.95. */
struct reliable_change reliable_change(double before, double after, double standard_error, double level);

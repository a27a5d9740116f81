/* The chart of a comparison: a curve with its band for each treatment, and the numbers at risk. Without I/O. */
#pragma once

#include "common/chart/chart.h"
#include "common/science/treatment/comparison_record.h"

/* The kind of curves: of the patients as they are, of the weighted ones, or the patient's own as predicted. */
enum comparison_curves { CURVES_UNADJUSTED, CURVES_ADJUSTED, CURVES_PREDICTED };
extern const char *const comparison_curves_names[]; /* ends with NULL */

struct comparison_chart {
    const char *outcome, *unit;               /* "death", "months"; an outcome of NULL is some event */
    const char *const *codes, *const *labels; /* names of treatments, label_count of each; others show their code */
    size_t label_count;
    enum comparison_curves curves;
};

#define COMPARISON_CURVES_FIELD(struct_) \
    FIELD_ENUM(struct_, curves, comparison_curves_names, \
               .summary = "Curves that a picture shows; those of the verdict by default")

/* The curves of that name; NULL: those of the verdict, adjusted if it rests on adjusted ones. */
enum comparison_curves comparison_curves_wanted(const char *name, const struct comparison_record *c);

/* Lives in the arena. If not all treatments fit, those with the most patients are drawn, and the note says so. */
struct chart comparison_chart(const struct comparison_record *comparison, const struct comparison_chart *how,
                              struct arena *arena);

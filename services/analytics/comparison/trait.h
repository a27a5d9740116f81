/* Traits of a patient that a comparison may look at: those known before the treatment begins. Later facts (side
 * effects, for one) are no traits: adjusting for a consequence of the treatment hides its effect.
 *
 * One list makes the profile, its JSON, the columns that are read of the registry and the table below. */
#pragma once

#include "common/record/field.h"

/* NUMBER(name, least, most, near): two numbers that differ by no more than near are alike.
 * FACTOR(name, its values in their order); CODE(name): a factor whose values are the registry's, in tables of its own.
 */
#define TRAITS(NUMBER, FACTOR, CODE) \
    FACTOR(gender, "male", "female", "other") \
    NUMBER(age_at_operation, 0, 130, 5) \
    NUMBER(weight_kg, 0, 500, 5) \
    NUMBER(height_cm, 0, 300, 5) \
    NUMBER(bmi, 0, 200, 2.5) \
    FACTOR(bmi_class, "normal", "under", "over") \
    FACTOR(preexisting_disease, "no", "yes") \
    FACTOR(cardiac_disease, "no", "yes") \
    FACTOR(pulmonary_disease, "no", "yes") \
    FACTOR(urological_disease, "no", "yes") \
    FACTOR(endocrine_disease, "no", "yes") \
    FACTOR(vascular_disease, "no", "yes") \
    FACTOR(tumour_side, "right", "left", "both") \
    FACTOR(cea, "normal", "pathologic") \
    FACTOR(ca19_9, "normal", "pathologic") \
    FACTOR(preoperative_endoscopy, "none", "colonoscopy", "rectoscopy", "several") \
    FACTOR(procedure, "open", "laparoscopic") \
    FACTOR(localisation, "caecum", "ascending", "hepatic_flexure", "transverse", "splenic_flexure", "descending", \
           "sigmoid", "rectosigmoid", "rectum") \
    FACTOR(pt, "T1", "T2", "T3", "T4") \
    FACTOR(pn, "N0", "N1", "N2") \
    FACTOR(uicc, "1", "2a", "2b", "2c", "3a", "3b", "3c") \
    FACTOR(grading, "G1", "G2", "G3", "G4") \
    FACTOR(lymphatic_invasion, "L0", "L1") \
    FACTOR(venous_invasion, "V0", "V1") \
    FACTOR(perineural_invasion, "Pn0", "Pn1") \
    NUMBER(diameter_cm, 0, 15, 1) \
    CODE(primary_site) \
    CODE(metastasis_diagnostics)

/* A patient without a name. A member that is not known is NULL, or says so ("unknown", "not_determined"). */
struct profile {
#define TRAIT_NUMBER(name, least, most, near) struct maybe_real name;
#define TRAIT_FACTOR(name, ...)               const char *name;
#define TRAIT_CODE(name)                      const char *name;
    TRAITS(TRAIT_NUMBER, TRAIT_FACTOR, TRAIT_CODE)
#undef TRAIT_NUMBER
#undef TRAIT_FACTOR
#undef TRAIT_CODE
};
extern const struct schema profile_schema;

enum trait_name {
#define TRAIT_NUMBER(name, least, most, near) TRAIT_##name,
#define TRAIT_FACTOR(name, ...)               TRAIT_##name,
#define TRAIT_CODE(name)                      TRAIT_##name,
    TRAITS(TRAIT_NUMBER, TRAIT_FACTOR, TRAIT_CODE)
#undef TRAIT_NUMBER
#undef TRAIT_FACTOR
#undef TRAIT_CODE
        TRAIT_COUNT
};

struct trait {
    const char *name;
    bool is_number;
    double near;
    const char *const *values; /* of a factor, ends with NULL; NULL: the registry's codes */
};
extern const struct trait traits[TRAIT_COUNT];
extern const char *const trait_names[]; /* ends with NULL */

/* TRAIT_COUNT if no trait has that name. */
enum trait_name trait_find(const char *name);

/* A trait of many patients: a number or the index of a level for each, NaN where it is not known. */
enum { TRAIT_LEVELS_MAX = 64 };
struct trait_column {
    double *values;
    const char *const *levels; /* of a factor */
    size_t level_count;
};

/* The column from one text for each patient; a code that is new becomes the next level. INVALID if there are more than
 * TRAIT_LEVELS_MAX. The levels are those of the table, or live in the arena. */
enum status trait_column_read(enum trait_name name, const char *const *texts, size_t count, struct arena *arena,
                              struct problem *why, struct trait_column *out);

/* The same of any factor. known: the levels that are there from the beginning (NULL: none). what: for the refusal. */
enum status trait_levels_read(const char *what, const char *const *known, const char *const *texts, size_t count,
                              struct arena *arena, struct problem *why, struct trait_column *out);

/* The profile's value of a trait, as a value of that column. */
double trait_of_profile(enum trait_name name, const struct profile *profile, const struct trait_column *column);

/* Unit tests: scenes without a service and without a database.
 *
 *     START_TEST(text_uuid_takes_both_spellings) { ... } END_TEST
 *
 *     int main(void) { return UNIT_TESTS(text_uuid_takes_both_spellings); }
 *
 * JSON stands in raw strings, which GCC has for C, too: R"({"name": "%s", "mmse": 24})". */
#pragma once

#include "common/base/arena.h"
#include "common/base/problem.h"
#include "common/base/status.h"
#include "common/base/writer.h"
#include "tests/support/check.h"

#include <jansson.h>
#include <stdint.h>

/* Runs the tests in this process; the exit status of the program. */
int unit_run(const char *name, const TTest *const *tests);
#define UNIT_TESTS(...) unit_run(__FILE__, (const TTest *const[]){__VA_ARGS__, NULL})

/* The needs of a step of a request: memory and a place for refusals. SCENE(s) makes one for the rest of the block. */
struct scene {
    struct arena arena;
    struct problem why;
};
void scene_begin(struct scene *s);
void scene_end(struct scene *s);
#define SCENE(variable) \
    AUTO(scene_end) struct scene variable = {0}; \
    scene_begin(&variable)

/* Member and sentence of a refusal; the sentence may be a part of it. */
void ck_noted(const struct problem *why, const char *pointer, const char *sentence);

/* The written text; empties the writer. */
void ck_written(struct writer *w, const char *expected);

/* Text as JSON, in which ' stands for " so that tests stay readable; fails the test when it is none. */
json_t *json_of(const char *text);
char *json_text_of(const char *text); /* the text with the quotes in place; free it */

/* The same numbers in every run. */
uint64_t unit_random(void);
int unit_random_between(int min, int max);

/* A tumour registry to compare treatments in: the patients of the trial in tests/data/survival, as the registry would
 * have them. Time is in months of 30.4375 days. */
#pragma once

/* The treatments that the arms of the trial stand for: observation, levamisole, levamisole and fluorouracil. */
extern const char *const registry_arms[3];

enum { REGISTRY_DAYS_PER_MONTH_X10000 = 304375 };

/* Nobody but these 929, written to the test database. What the trial does not know (age group, nodes, differentiation)
 * is unknown in the registry, too. */
void registry_fill(void);

/* One more: "gender, uicc" and "'male', '3b'" as SQL has them. The id. */
const char *registry_add(const char *columns, const char *values);

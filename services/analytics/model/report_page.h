/* The report of a model as a page for people: HTML with pictures inside, without scripts, that loads nothing. */
#pragma once

#include "services/analytics/model/model_card.h"

/* The page, with a terminator, as long as the arena. All texts are escaped. */
enum status report_page_make(const struct training *t, const struct model_card *card, const struct evaluation *e,
                             struct arena *arena, struct problem *why, const char **out);

/* The Content-Security-Policy of a page that was made here: its own style sheet, by its hash, and nothing else. */
const char *report_page_policy(struct arena *arena, const char *page);

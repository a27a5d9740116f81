/* Models that predictions come from, read once and kept: parsing one takes longer than a hundred predictions.
 *
 * A model never changes, so a model here is right for ever. One statement asks PostgreSQL for the patient's data and
 * the id of the model that serves the caller, so a promotion holds from the next request on, in every replica. */
#pragma once

#include "common/database/db.h"
#include "common/science/mmse/mmse_model.h"

enum { MODEL_CACHE_SIZE = 16 };

struct model_cache;
struct model_cache *model_cache_new(void);
void model_cache_drop(struct model_cache *cache);

/* A model that is being used; it stays until it is released, also when others take its place meanwhile. */
struct held_model {
    const struct mmse_model *model;
    struct model_cache *cache;
    struct model_entry *entry;
};
void model_cache_release(struct held_model *held); /* for AUTO */

/* Reads a model that is not there. NOT_FOUND; CONFLICT: it is damaged. */
enum status model_cache_get(struct model_cache *cache, struct db *db, const char *id, struct held_model *out);

/* OK if the artefact is whole, as it is kept. NOT_FOUND, CONFLICT. */
enum status model_cache_check(struct db *db, const char *id);

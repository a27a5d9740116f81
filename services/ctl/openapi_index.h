/* The contents of a merged OpenAPI document by service and resource, for the gateway's page. */
#pragma once

#include "common/base/problem.h"
#include "common/base/writer.h"

#include <jansson.h>

/* A new reference to an array in the order of the document: of each tag, which is a service, its name and summary, and
 * of each resource its path, whether it is historic (all of it is deprecated) and its operations. INVALID if an
 * operation has none of the document's tags.
 *
 * The path of a resource ends behind the first segment that names something: /api, a version and .well-known do not. If
 * services share that path, it goes on to the next name: /api/v1/patients/{patient_id}/access-log. */
enum status openapi_index(const json_t *document, struct problem *why, json_t **out);

/* The same as items of an HTML list. Operations lead to their place on the API page, /docs. */
void openapi_index_html(const json_t *index, struct writer *to);

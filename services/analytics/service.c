#include "services/analytics/analytics.h"

const struct service analytics_service = {
    .name = "analytics",
    .summary = "counts, distributions and predictions of MMSE scores",
    .http_port = 8103,
    .ops_port = 9103,
    .migration = "auth/signing_key_use", /* of what it needs, the last in the plan */
    .routes = analytics_routes,
};

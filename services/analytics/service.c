#include "services/analytics/analytics.h"

const struct service analytics_service = {
    .name = "analytics",
    .summary = "counts, distributions and predictions of MMSE scores",
    .http_port = 8103,
    .ops_port = 9103,
    .migration = "users/row_security",
    .routes = analytics_routes,
};

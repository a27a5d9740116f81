/* The analytics service: counts, distributions, predictions. It reads what the users service publishes. */
#ifndef MNEMOS_ANALYTICS_H
#define MNEMOS_ANALYTICS_H

#include "common/request.h"
#include "common/service.h"

extern const struct service analytics_service;
extern const struct route analytics_routes[];

#endif

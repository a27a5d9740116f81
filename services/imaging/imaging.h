/* The imaging service: elements of numbers and the devices they come from. */
#pragma once

#include "common/service/service.h"

extern const struct service imaging_service;
extern const struct route imaging_routes[];

/* Handlers find it in rq->app. */
struct imaging_settings {
    bool open_elements;
};

/* The users service: caregivers, healthcare professionals, patients, and the tumour registry. */
#pragma once

#include "common/base/gate.h"
#include "common/database/sweeper.h"
#include "common/http/reply.h"
#include "common/identity/password.h"
#include "common/import/import.h"
#include "common/service/service.h"

extern const struct service users_service;
extern const struct route users_routes[];

/* Handlers find it in rq->app. */
struct users {
    struct password_gate *gate;
    int draft_hours; /* how long a draft is kept */
    struct import_desk imports;
    const struct legend *legend; /* the hospital's; NULL: not installed */
    struct arena legend_arena;
    struct sweeper *sweeper;
    double mmse_standard_error; /* of one examination, points */
    const char *mmse_standard_error_source;
};

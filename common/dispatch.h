/* From a request as it was read to the handler of its route: who asks, may they, is it small enough. */
#ifndef MNEMOS_DISPATCH_H
#define MNEMOS_DISPATCH_H

#include "common/request.h"
#include "common/trust.h"

struct dispatch {
    const struct route *routes;
    struct trust *trust;
    const char *cors_origins; /* exact origins, separated by spaces or commas */
};

/* Fills in route and who, and the reply where it is OK. */
enum status dispatch(struct request *rq, const struct dispatch *d);

#endif

/* Takes a request to the handler of its route: finds the caller, checks access and size. */
#pragma once

#include "common/http/reply.h"
#include "common/identity/trust.h"

struct dispatch {
    const struct route *routes;
    struct trust *trust;
    const char *cors_origins; /* exact origins, separated by spaces or commas */
};

/* With the head of the request: fills in route and who. A request refused here has not been examined any further. */
enum status dispatch_head(struct request *rq, const struct dispatch *d);

/* TOO_LARGE when body_size (declared, or arrived by now) is beyond the route's limit; files have their own. */
enum status dispatch_body_size(struct request *rq);

/* With the body, when the head was OK: the reply. */
enum status dispatch_body(struct request *rq, const struct dispatch *d);

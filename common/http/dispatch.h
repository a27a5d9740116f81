/* From a request as it was read to the handler of its route: who asks, may they, is it small enough. */
#pragma once

#include "common/http/request.h"
#include "common/identity/trust.h"

struct dispatch {
    const struct route *routes;
    struct trust *trust;
    const char *cors_origins; /* exact origins, separated by spaces or commas */
};

/* With the head of the request: fills in route and who. What is refused here has not been looked at any further. */
enum status dispatch_head(struct request *rq, const struct dispatch *d);

/* TOO_LARGE when body_size, what was declared or has arrived by now, is beyond the route's limit; files have their own.
 */
enum status dispatch_body_size(struct request *rq);

/* With the body, when the head was OK: the reply. */
enum status dispatch_body(struct request *rq, const struct dispatch *d);

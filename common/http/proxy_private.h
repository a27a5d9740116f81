/* The client and the id of a request. Only trusted proxies are believed about both. */
#pragma once

#include "common/base/address.h"
#include "common/http/request.h"

/* Sets request_id and client_address. id and forwarded: the headers X-Request-Id and X-Forwarded-For, or NULL. */
void proxy_identify(struct request *rq, const struct networks *proxies, const struct sockaddr *peer, const char *id,
                    const char *forwarded);

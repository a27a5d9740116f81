/* The reply of a request as a response of libmicrohttpd: body or file, and the headers that every reply has. */
#pragma once

#include "common/http/request.h"

#include <microhttpd.h>

/* last: the client is asked to close its connection. The body's bytes, or the file, are the response's afterwards. */
enum MHD_Result departure_send(struct request *rq, struct MHD_Connection *to, bool last);

/* A chart as the answer to a request whose row says .media_types = chart_media_types. */
#pragma once

#include "common/chart/chart.h"
#include "common/http/reply.h"

/* Replies in the media type that the client chose; draws nothing if the client has it already. record is of the row's
 * output and has the version. */
enum status reply_chart(struct request *rq, const void *record, const struct chart *c);

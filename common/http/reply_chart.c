#include "common/http/reply_chart.h"

enum status reply_chart(struct request *rq, const void *record, const struct chart *c)
{
    AUTO(writer_release) struct writer picture = {0};
    if (reply_known(rq, record))
        return OK;
    TRY(chart_draw(c, rq->media_type, &picture, &rq->problem));
    return reply_bytes(rq, rq->media_type, picture.bytes, picture.used);
}

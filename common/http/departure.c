#include "common/http/departure_private.h"

static struct MHD_Response *response_of(struct request *rq)
{
    size_t size;
    if (rq->file_out > 0) {
        struct MHD_Response *file = MHD_create_response_from_fd(rq->file_out_size, rq->file_out);
        rq->file_out = 0; /* the response closes it */
        return file;
    }
    if (rq->content_type_out && !rq->exact)
        write_line_end(&rq->body_out); /* for those who read replies in a terminal */
    char *bytes = writer_steal(&rq->body_out, &size);
    return MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
}

enum MHD_Result departure_send(struct request *rq, struct MHD_Connection *to, bool last)
{
    struct MHD_Response *out = response_of(rq);
    if (!out)
        return MHD_NO;
    if (rq->content_type_out)
        MHD_add_response_header(out, "Content-Type", rq->content_type_out);
    MHD_add_response_header(out, "X-Request-Id", rq->request_id);
    MHD_add_response_header(out, "Cache-Control", "no-store");
    if (last)
        MHD_add_response_header(out, "Connection", "close");
    for (int i = 0; i < rq->header_count; i++)
        MHD_add_response_header(out, rq->headers[i].name, rq->headers[i].value);
    enum MHD_Result queued = MHD_queue_response(to, (unsigned)rq->http_status, out);
    MHD_destroy_response(out);
    return queued;
}

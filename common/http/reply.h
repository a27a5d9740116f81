/* The reply to a request, in the media type that its Accept chooses. */
#pragma once

#include "common/http/request.h"

/* Chooses media_type by Accept among the row's; NOT_ACCEPTABLE names them. For the dispatcher. */
enum status reply_negotiate(struct request *rq);

/* The record is written by the route's output schema. A hidden integer member "version" becomes the ETag; a
 * GET whose If-None-Match names it is answered with 304. */
enum status reply_record(struct request *rq, const void *record);
enum status reply_empty(struct request *rq);

/* Up to rq->page.shown of the records found. */
enum status reply_page(struct request *rq, const struct record_list *found);

/* The same where an empty list means that its record does not exist: NOT_FOUND. */
enum status reply_page_or_absent(struct request *rq, const struct record_list *found);

/* True if the client has the record already. Sets the ETag, one for each media type, and if true the 304. For replies
 * that are costly to make; reply_record does it by itself. */
bool reply_known(struct request *rq, const void *record);

/* Another type: a text, or bytes that go out as they are. */
enum status reply_text(struct request *rq, const char *content_type, const char *text);
enum status reply_bytes(struct request *rq, const char *content_type, const char *bytes, size_t size);

/* A file, sent without being read into memory. It is closed with the request. */
enum status reply_file(struct request *rq, const char *content_type, int fd, size_t size);

void reply_header(struct request *rq, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The problem document for a status that is not OK. */
void reply_problem(struct request *rq, enum status status);

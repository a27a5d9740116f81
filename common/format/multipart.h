/* Reads multipart/form-data (RFC 7578) piece by piece, as it arrives and in bounded memory.
 *
 * Parts are handed to a sink: the head of each, then its bytes in as many pieces as it takes. A malformed body is
 * refused: a part without a name, a head beyond its bounds, nested or encoded parts, an end that does not come. */
#pragma once

#include "common/base/problem.h"

#include <stdbool.h>

enum { MULTIPART_BOUNDARY_MAX = 70, MULTIPART_HEAD_MAX = 4096, MULTIPART_WINDOW = 32 * 1024, MULTIPART_PARTS_MAX = 64 };

/* The head of a part; the text lives until the sink returns. */
struct multipart_part {
    const char *name;         /* UTF-8, never NULL */
    const char *file_name;    /* NULL: not a file */
    const char *content_type; /* NULL: not given */
};

struct multipart_sink {
    enum status (*part)(void *to, const struct multipart_part *part, struct problem *why);
    enum status (*bytes)(void *to, const char *bytes, size_t size, struct problem *why);
    void *to;
};

struct multipart {
    struct multipart_sink sink;
    char delimiter[MULTIPART_BOUNDARY_MAX + 5]; /* CR LF -- boundary */
    size_t delimiter_size;
    enum { MULTIPART_BEFORE, MULTIPART_BOUNDARY, MULTIPART_HEAD, MULTIPART_BODY, MULTIPART_AFTER } state;
    int parts;
    char window[MULTIPART_WINDOW];
    size_t used;
};

/* The boundary is a parameter of the content type. MALFORMED without a proper one. */
enum status multipart_begin(struct multipart *m, const char *content_type, struct multipart_sink sink,
                            struct problem *why);

/* The next bytes of the body. The sink's status is passed on. */
enum status multipart_take(struct multipart *m, const char *bytes, size_t size, struct problem *why);

/* The body has ended. MALFORMED when the last boundary has not been seen. */
enum status multipart_end(const struct multipart *m, struct problem *why);

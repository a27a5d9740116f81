/* Multipart bodies with the boundary "b": read in pieces as large as the first byte says and at once, they say the
 * same.
 */
#include "common/format/multipart.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct heard {
    uint64_t sum;
    size_t parts, bytes;
};

static void add(struct heard *h, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        h->sum = h->sum * 1099511628211U + (unsigned char)bytes[i] + 1;
    h->bytes += size;
}

static enum status hear_part(void *to, const struct multipart_part *part, struct problem *why)
{
    struct heard *h = to;
    (void)why;
    PROMISE(part->name && part->name[0]);
    add(h, part->name, strlen(part->name));
    h->parts++;
    return OK;
}

static enum status hear_bytes(void *to, const char *bytes, size_t size, struct problem *why)
{
    struct heard *h = to;
    (void)why;
    PROMISE(size > 0 && h->parts > 0);
    add(h, bytes, size);
    return OK;
}

static enum status read_all(const char *bytes, size_t size, size_t piece, struct heard *h)
{
    static struct multipart m;
    struct arena arena = {0};
    struct problem why;
    problem_reset(&why, &arena);
    struct multipart_sink sink = {hear_part, hear_bytes, h};
    enum status status = multipart_begin(&m, "multipart/form-data; boundary=b", sink, &why);
    for (size_t at = 0; at < size && status == OK; at += piece)
        status = multipart_take(&m, bytes + at, piece < size - at ? piece : size - at, &why);
    if (status == OK)
        status = multipart_end(&m, &why);
    PROMISE(status == OK || (status == MALFORMED && why.detail));
    PROMISE(h->parts <= MULTIPART_PARTS_MAX && h->bytes <= size);
    arena_release(&arena);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    struct heard whole = {0}, cut = {0};
    char *copy = malloc(size);
    memcpy(copy, bytes + 1, size - 1);
    enum status status = read_all(copy, size - 1, size, &whole);
    PROMISE(read_all(copy, size - 1, (size_t)bytes[0] + 1, &cut) == status);
    PROMISE(status != OK || (whole.sum == cut.sum && whole.parts == cut.parts));
    free(copy);
    return 0;
}

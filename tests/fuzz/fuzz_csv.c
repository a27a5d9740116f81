/* Tables from outside: the first byte is the separator (zero: to be found). Every cell is text within the table's own
 * memory, and a file with the same bytes is read the same. */
#include "common/format/csv.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t add(uint64_t sum, const struct csv *c)
{
    sum = sum * 31 + c->line;
    for (size_t i = 0; i < c->count; i++)
        for (const char *at = c->cells[i]; *at; at++)
            sum = sum * 31 + (unsigned char)*at;
    return sum * 31 + c->count;
}

static uint64_t read_file(const char *text, size_t size, char separator)
{
    static struct csv c;
    static int fd = -1;
    struct arena arena = {0};
    struct problem why;
    uint64_t sum = 0;
    problem_reset(&why, &arena);
    if (fd < 0)
        fd = memfd_create("table", MFD_CLOEXEC);
    PROMISE(ftruncate(fd, 0) == 0 && pwrite(fd, text, size, 0) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    csv_begin_file(&c, fd, separator);
    while (csv_next(&c, &why) == OK)
        sum = add(sum, &c);
    csv_end(&c);
    arena_release(&arena);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0 || (bytes[0] && strchr("\"\r\n", bytes[0])))
        return 0;
    static struct csv c;
    struct arena arena = {0};
    struct problem why;
    problem_reset(&why, &arena);
    char *text = malloc(size); /* one less, and the byte behind */
    memcpy(text, bytes + 1, size - 1);
    uint64_t of_file = read_file(text, size - 1, (char)bytes[0]), of_text = 0;
    csv_begin(&c, text, size - 1, (char)bytes[0]);
    enum status status;
    for (size_t line = 0; (status = csv_next(&c, &why)) == OK; line = c.line) {
        PROMISE(c.line > line && c.count > 0 && c.count <= CSV_COLUMNS_MAX);
        for (size_t i = 0; i < c.count; i++)
            PROMISE(c.cells[i] >= text && c.cells[i] + strlen(c.cells[i]) < text + size);
        of_text = add(of_text, &c);
    }
    PROMISE(of_text == of_file);
    PROMISE(status == MALFORMED ? why.detail != NULL : status == NOT_FOUND && !why.detail);
    free(text);
    arena_release(&arena);
    return 0;
}

/* Tables from outside: the first byte is the separator. Every cell is text within the table's own memory. */
#include "common/csv.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0 || strchr("\"\r\n", bytes[0])) /* also a zero */
        return 0;
    static struct csv c;
    struct arena arena = {0};
    struct problem why;
    problem_reset(&why, &arena);
    char *text = malloc(size); /* one less, and the byte behind */
    memcpy(text, bytes + 1, size - 1);
    csv_begin(&c, text, size - 1, (char)bytes[0]);
    enum status status;
    for (size_t line = 0; (status = csv_next(&c, &why)) == OK; line = c.line) {
        PROMISE(c.line > line && c.count > 0 && c.count <= CSV_COLUMNS_MAX);
        for (size_t i = 0; i < c.count; i++)
            PROMISE(c.cells[i] >= text && c.cells[i] + strlen(c.cells[i]) < text + size);
    }
    PROMISE(status == MALFORMED ? why.detail != NULL : status == NOT_FOUND && !why.detail);
    free(text);
    arena_release(&arena);
    return 0;
}

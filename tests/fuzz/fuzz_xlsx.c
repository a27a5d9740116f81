/* Workbooks from outside. The first byte says what the others are: a whole archive, or one part of a workbook whose
 * other parts are as they should be. */
#include "common/format/xlsx.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ARCHIVE_MAX = 64 * 1024 };

struct archive {
    unsigned char bytes[ARCHIVE_MAX];
    size_t size;
    unsigned char directory[4096];
    size_t directory_size, parts;
};

static void put(unsigned char *at, uint32_t value, int size)
{
    for (int i = 0; i < size; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t crc32_of(const unsigned char *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
    }
    return ~crc;
}

/* A part that is stored as it is. */
static void add_part(struct archive *a, const char *name, const unsigned char *bytes, size_t size)
{
    unsigned char head[46] = "PK\1\2";
    size_t name_size = strlen(name);
    put(head + 4, 20, 2);
    put(head + 6, 20, 2);
    put(head + 16, crc32_of(bytes, size), 4);
    put(head + 20, (uint32_t)size, 4);
    put(head + 24, (uint32_t)size, 4);
    put(head + 28, (uint32_t)name_size, 2);
    put(head + 42, (uint32_t)a->size, 4);
    memcpy(a->directory + a->directory_size, head, 46);
    memcpy(a->directory + a->directory_size + 46, name, name_size);
    a->directory_size += 46 + name_size;
    memcpy(a->bytes + a->size, "PK\3\4", 4);
    memcpy(a->bytes + a->size + 4, head + 6, 26);
    memcpy(a->bytes + a->size + 30, name, name_size);
    memcpy(a->bytes + a->size + 30 + name_size, bytes, size);
    a->size += 30 + name_size + size;
    a->parts++;
}

static void end_archive(struct archive *a)
{
    unsigned char end[22] = "PK\5\6";
    put(end + 8, (uint32_t)a->parts, 2);
    put(end + 10, (uint32_t)a->parts, 2);
    put(end + 12, (uint32_t)a->directory_size, 4);
    put(end + 16, (uint32_t)a->size, 4);
    memcpy(a->bytes + a->size, a->directory, a->directory_size);
    memcpy(a->bytes + a->size + a->directory_size, end, sizeof end);
    a->size += a->directory_size + sizeof end;
}

static void make_workbook(struct archive *a, size_t replaced, const unsigned char *bytes, size_t size)
{
    static const struct {
        const char *name, *text;
    } parts[] = {
        {"xl/workbook.xml", "<workbook xmlns:r='r'><sheets><sheet r:id='a'/></sheets></workbook>"},
        {"xl/_rels/workbook.xml.rels", "<R><Relationship Id='a' Target='worksheets/a.xml'/></R>"},
        {"xl/styles.xml", "<s><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></s>"},
        {"xl/sharedStrings.xml", "<sst><si><t>a</t></si><si><t>b</t></si></sst>"},
        {"xl/worksheets/a.xml",
         "<w><sheetData><row><c t='s'><v>1</v></c><c s='1'><v>45000</v></c></row></sheetData></w>"},
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        if (i == replaced)
            add_part(a, parts[i].name, bytes, size);
        else
            add_part(a, parts[i].name, (const unsigned char *)parts[i].text, strlen(parts[i].text));
    end_archive(a);
}

static void read_all(int fd)
{
    struct arena arena = {0};
    struct problem why;
    struct xlsx *x = NULL;
    struct xlsx_row row;
    problem_reset(&why, &arena);
    enum status status = xlsx_open(fd, &x, &why);
    for (size_t number = 0; status == OK && (status = xlsx_next(x, &row, &why)) == OK; number = row.number) {
        PROMISE(row.number > number && row.count > 0 && row.count <= XLSX_COLUMNS_MAX);
        for (size_t i = 0; i < row.count; i++)
            PROMISE(row.cells[i].text && strlen(row.cells[i].text) <= XLSX_ROW_BYTES_MAX);
    }
    PROMISE(status == NOT_FOUND ? why.error_count == 0 : why.error_count == 1);
    xlsx_close(x);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct archive a;
    static int fd = -1;
    if (size == 0 || size > 32 * 1024)
        return 0;
    if (fd < 0)
        fd = memfd_create("workbook", MFD_CLOEXEC);
    a.size = a.directory_size = a.parts = 0;
    if (bytes[0] % 6 == 5) {
        memcpy(a.bytes, bytes + 1, size - 1);
        a.size = size - 1;
    } else {
        make_workbook(&a, bytes[0] % 6, bytes + 1, size - 1);
    }
    PROMISE(ftruncate(fd, 0) == 0 && pwrite(fd, a.bytes, a.size, 0) == (ssize_t)a.size);
    read_all(fd);
    return 0;
}

#include "common/http/upload.h"

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/format/multipart.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static char directory[PATH_MAX] = "/var/tmp";
static _Atomic int at_once;

/* A part that is text grows in memory until the next one begins. */
struct uploading {
    const struct upload_rule *rule;
    struct arena *arena;
    struct upload upload;
    crypto_generichash_state hash;
    struct form texts;
    char *text; /* of all parts, each with its end */
    size_t text_size, text_begin;
    bool in_text, has_file;
    struct multipart *multipart; /* NULL: the body is the file itself */
};

void upload_directory(const char *path)
{
    snprintf(directory, sizeof directory, "%s", path);
}

char *upload_place(void)
{
    return directory;
}

int upload_file(void)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd;
    /* A file system that has no files without a name: it loses its name at once. */
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/mnemos-XXXXXX", directory);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static enum status no_room(struct problem *why)
{
    log_line(LOG_ERROR, "an uploaded file cannot be kept in UPLOAD_DIRECTORY: %s", strerror(errno));
    return fail(why, UNAVAILABLE, NULL, "There is no room for the file at the moment; try again.");
}

static enum status too_large(const struct upload_rule *rule, struct problem *why)
{
    return fail(why, TOO_LARGE, NULL, "The file may have %zu bytes.", rule->max);
}

/* "Text/CSV; charset=utf-8" to "text/csv". */
static const char *media_type(struct arena *arena, const char *content_type)
{
    char *type = arena_copy(arena, content_type, strcspn(content_type, "; \t"));
    for (char *c = type; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return type;
}

static bool takes(const struct upload_rule *rule, const char *type)
{
    for (const char *const *t = rule->media_types; *t; t++)
        if (strcmp(*t, type) == 0)
            return true;
    return false;
}

static enum status unsupported(struct uploading *u, struct problem *why)
{
    const char *list = "multipart/form-data";
    for (const char *const *t = u->rule->media_types; *t; t++)
        list = arena_printf(u->arena, "%s or %s", list, *t);
    return fail(why, UNSUPPORTED_TYPE, NULL, "Send %s.", list);
}

bool upload_is_multipart(const char *content_type)
{
    static const char type[] = "multipart/form-data";
    return strncasecmp(content_type, type, sizeof type - 1) == 0 && strchr("; \t", content_type[sizeof type - 1]);
}

static enum status keep_bytes(struct uploading *u, const char *bytes, size_t size, struct problem *why)
{
    if (size > u->rule->max - u->upload.size)
        return too_large(u->rule, why);
    crypto_generichash_update(&u->hash, (const unsigned char *)bytes, size);
    u->upload.size += size;
    while (size > 0) {
        ssize_t written = write(u->upload.fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return no_room(why);
        bytes += written;
        size -= (size_t)written;
    }
    return OK;
}

/* Room for all texts is taken at once when the first one comes, so that none ever moves. */
static enum status keep_text(struct uploading *u, const char *bytes, size_t size, struct problem *why)
{
    if (!u->text)
        u->text = arena_alloc(u->arena, UPLOAD_TEXTS_MAX);
    if (size > UPLOAD_TEXTS_MAX - u->text_size)
        return fail(why, TOO_LARGE, NULL, "All parts but the file may have %d bytes together.", UPLOAD_TEXTS_MAX);
    memcpy(u->text + u->text_size, bytes, size);
    u->text_size += size;
    return OK;
}

static enum status end_text(struct uploading *u, struct problem *why)
{
    if (!u->in_text)
        return OK;
    u->in_text = false;
    TRY(keep_text(u, "", 1, why));
    const char *value = u->text + u->text_begin;
    size_t size = u->text_size - u->text_begin - 1;
    struct form_pair *pair = &u->texts.pairs[u->texts.count - 1];
    if (memchr(value, '\0', size) || text_length(value, size) < 0)
        return fail(why, MALFORMED, pair->key, "must be UTF-8 text without a zero byte");
    pair->value = value;
    return OK;
}

static enum status begin_file(struct uploading *u, const struct multipart_part *part, struct problem *why)
{
    if (u->has_file)
        return fail(why, INVALID, "file", "is given more than once");
    u->has_file = true;
    u->upload.name = part->file_name ? arena_text(u->arena, part->file_name) : NULL;
    u->upload.media_type = media_type(u->arena, part->content_type ? part->content_type : "");
    return OK;
}

static enum status begin_part(void *to, const struct multipart_part *part, struct problem *why)
{
    struct uploading *u = to;
    TRY(end_text(u, why));
    if (strcmp(part->name, "file") == 0)
        return begin_file(u, part, why);
    if (form_value(&u->texts, part->name))
        return fail(why, INVALID, problem_pointer(u->arena, "", part->name), "is given more than once");
    if (!u->texts.pairs)
        u->texts.pairs = arena_alloc(u->arena, MULTIPART_PARTS_MAX * sizeof *u->texts.pairs);
    u->texts.pairs[u->texts.count++] = (struct form_pair){arena_text(u->arena, part->name), ""};
    u->in_text = true;
    u->text_begin = u->text_size;
    return OK;
}

static enum status take_part(void *to, const char *bytes, size_t size, struct problem *why)
{
    struct uploading *u = to;
    return u->in_text ? keep_text(u, bytes, size, why) : keep_bytes(u, bytes, size, why);
}

static enum status begin_multipart(struct uploading *u, const char *content_type, struct problem *why)
{
    u->multipart = malloc(sizeof *u->multipart);
    if (!u->multipart)
        abort();
    struct multipart_sink sink = {begin_part, take_part, u};
    return multipart_begin(u->multipart, content_type, sink, why);
}

static enum status begin(struct uploading *u, const char *content_type, size_t declared, struct problem *why)
{
    bool by_parts = upload_is_multipart(content_type);
    size_t overhead = by_parts ? UPLOAD_TEXTS_MAX + MULTIPART_PARTS_MAX * MULTIPART_HEAD_MAX : 0;
    u->upload.media_type = media_type(u->arena, content_type);
    if (!by_parts && !takes(u->rule, u->upload.media_type))
        return unsupported(u, why);
    if (declared > u->rule->max + overhead)
        return too_large(u->rule, why);
    if (by_parts)
        TRY(begin_multipart(u, content_type, why));
    u->has_file = !by_parts;
    u->upload.fd = upload_file();
    return u->upload.fd >= 0 ? OK : no_room(why);
}

enum status upload_begin(const struct upload_rule *rule, const char *content_type, size_t declared, struct arena *arena,
                         struct problem *why, struct uploading **out)
{
    if (atomic_fetch_add(&at_once, 1) >= UPLOADS_AT_ONCE) {
        atomic_fetch_sub(&at_once, 1);
        return fail(why, UNAVAILABLE, NULL, "Too many files are arriving at the moment; try again.");
    }
    struct uploading *u = aligned_alloc(_Alignof(struct uploading), sizeof *u); /* the hash wants whole cache lines */
    if (!u)
        abort();
    *u = (struct uploading){.rule = rule, .arena = arena, .upload.fd = -1};
    crypto_generichash_init(&u->hash, NULL, 0, UPLOAD_HASH_SIZE);
    enum status status = begin(u, content_type, declared, why);
    if (status == OK)
        *out = u;
    else
        upload_drop(u);
    return status;
}

enum status upload_take(struct uploading *u, const char *bytes, size_t size, struct problem *why)
{
    return u->multipart ? multipart_take(u->multipart, bytes, size, why) : keep_bytes(u, bytes, size, why);
}

enum status upload_end(struct uploading *u, struct form *texts, const struct upload **out, struct problem *why)
{
    if (u->multipart)
        TRY(multipart_end(u->multipart, why));
    TRY(end_text(u, why));
    if (!u->has_file)
        return fail(why, INVALID, "file", "is required");
    crypto_generichash_final(&u->hash, u->upload.hash, sizeof u->upload.hash);
    if (lseek(u->upload.fd, 0, SEEK_SET) != 0)
        return no_room(why);
    *texts = u->texts;
    *out = &u->upload;
    return OK;
}

void upload_drop(struct uploading *u)
{
    if (!u)
        return;
    if (u->upload.fd >= 0)
        close(u->upload.fd);
    free(u->multipart);
    free(u);
    atomic_fetch_sub(&at_once, 1);
}

enum status upload_read(const struct upload *u, struct arena *arena, struct problem *why, char **out)
{
    char *text = arena_alloc(arena, u->size + 1);
    for (size_t at = 0; at < u->size;) {
        ssize_t got = pread(u->fd, text + at, u->size - at, (off_t)at);
        if (got <= 0)
            return fail(why, FAULT, NULL, "The file cannot be read again.");
        at += (size_t)got;
    }
    *out = text;
    return OK;
}

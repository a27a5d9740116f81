/* A body that is a file: a row of the route table with .upload takes one, of any size up to the row's limit, without
 * holding it in memory.
 *
 * The client sends the file itself, with one of the row's media types, or multipart/form-data with a part called
 * "file"; the other parts are small texts, which the row's schema decodes like those of a form. By then the caller is
 * known and has access. The bytes go to a file that has no name and mode 0600, in UPLOAD_DIRECTORY, and end with the
 * request. */
#pragma once

#include "common/record/form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct upload_rule {
    size_t max;                     /* bytes of the file */
    const char *const *media_types; /* of a body that is the file: {"text/csv", NULL}, the usual one first */
    const char *summary;            /* what the file is, for the reader of the documentation */
};

enum {
    UPLOAD_HASH_SIZE = 32,
    UPLOAD_TEXTS_MAX = 256 * 1024, /* bytes of all parts that are not the file */
    UPLOADS_AT_ONCE = 16,          /* in a service; a further client is told to come back */
};

/* The file in rq->upload. */
struct upload {
    int fd; /* for reading and seeking, at the beginning; closed with the request */
    size_t size;
    const char *name;                     /* as the client calls it, or NULL; only ever shown, never opened */
    const char *media_type;               /* lower case, without parameters; "" when the part does not say */
    unsigned char hash[UPLOAD_HASH_SIZE]; /* BLAKE2b of the bytes */
};

/* All of the file in memory, and room for one byte after its end. */
enum status upload_read(const struct upload *u, struct arena *arena, struct problem *why, char **out);

/* A file without a name, for reading and writing, in the directory of uploads; -1 with errno. */
int upload_file(void);

/* The directory of such files; set at the start of a service, before any thread. */
void upload_directory(const char *directory);
char *upload_place(void);

/* An upload while it arrives. */
struct uploading;

bool upload_is_multipart(const char *content_type);

/* UNSUPPORTED_TYPE, MALFORMED, TOO_LARGE when the declared size (0: not declared) is, UNAVAILABLE. */
enum status upload_begin(const struct upload_rule *rule, const char *content_type, size_t declared, struct arena *arena,
                         struct problem *why, struct uploading **out);
enum status upload_take(struct uploading *u, const char *bytes, size_t size, struct problem *why);

/* The whole body is here: the file and the other parts. INVALID without a file. */
enum status upload_end(struct uploading *u, struct form *texts, const struct upload **out, struct problem *why);

/* Closes the file. NULL is fine. */
void upload_drop(struct uploading *u);

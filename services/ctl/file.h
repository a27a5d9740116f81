/* Files that the operator names. */
#pragma once

#include "common/base/problem.h"

#include <jansson.h>

/* Reads the whole of a file, up to 64 MiB, with room for a byte behind its end. It lives in the arena of why. */
enum status file_read(const char *path, struct problem *why, char **out, size_t *out_size);

/* A new reference to the OpenAPI 3.1 document in a file; INVALID or MALFORMED if it holds none. */
enum status file_openapi(const char *path, struct problem *why, json_t **out);

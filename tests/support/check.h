/* Check without its macro fail(), whose name common/base/problem.h has for a function: tests include this and not
 * <check.h>. */
#pragma once

#include <check.h>

#undef fail

/* The ETag of that version, as JSON is sent. */
#define TAG(version) "\"" #version "\""

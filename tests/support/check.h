/* Check without its macro fail(), whose name common/base/problem.h has for a function: tests include this and not
 * <check.h>. */
#ifndef MNEMOS_TEST_CHECK_H
#define MNEMOS_TEST_CHECK_H

#include <check.h>

#undef fail

#endif

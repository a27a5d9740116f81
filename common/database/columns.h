/* SQL for records with many members, made from their field table.
 *
 * Where a table has some fifty columns, its lists of columns and parameters are not written by hand: a store makes its
 * statements from these once, when it is first used, and keeps them for as long as the process lives. Names come from
 * field tables only, never from outside. */
#pragma once

#include "common/database/db.h"

/* "t.first_name, t.last_name" with the prefix "t.". */
const char *columns_names(struct arena *arena, const struct schema *s, const char *prefix);

/* "$3::text, $4::date": a parameter of the kind's type for each member, from $first on. */
const char *columns_parameters(struct arena *arena, const struct schema *s, int first);

/* The number of members, and their values for these parameters. */
int columns_count(const struct schema *s);
void columns_values(struct db *db, const struct schema *s, const void *record, const char **out);

/* "text", for a member of that kind. */
const char *columns_type(const struct field *f);

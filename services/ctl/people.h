/* The people of a database, all of them at once: counting, removing and filling in.
 *
 * mnemosctl works as the owner of all schemas, so it may reach into those of several services; the services themselves
 * may not. */
#pragma once

#include "services/ctl/copy.h"

/* CONFLICT if there are people. Inside a transaction it keeps others from adding any until its end. */
enum status people_refuse_any(PGconn *pg, struct problem *why);

enum status people_count(PGconn *pg, struct problem *why, long *out);

/* Removes all people, their tumour records and accounts, and ends their sessions. Accounts of administrators stay. */
enum status people_remove(PGconn *pg, struct problem *why);

enum status people_copy_accounts(struct copy *c, PGconn *pg, struct problem *why);
enum status people_copy_persons(struct copy *c, PGconn *pg, struct problem *why);
enum status people_copy_assessments(struct copy *c, PGconn *pg, struct problem *why);

/* Between the two, triggers do not make persons and assessments agree: the caller writes both so that they do. */
enum status people_agree_already(PGconn *pg, struct problem *why);
enum status people_agree_again(PGconn *pg, struct problem *why);

/* The columns of an invented tumour, and its version. */
enum status people_copy_tumours(struct copy *c, PGconn *pg, struct problem *why);

/* After many rows have come: statistics for the planner, and the map that lets an index answer without the table. */
enum status people_vacuum(PGconn *pg, struct problem *why);

/* From now on the auth service serves this database as a demonstration only. */
enum status people_mark_invented(PGconn *pg, struct problem *why);

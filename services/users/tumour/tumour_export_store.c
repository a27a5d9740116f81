#include "services/users/tumour/tumour_export.h"

/* One entry for all of them: it matters who exported the registry. */
enum status tumour_export_enter(struct db *db)
{
    static const char sql[] = "INSERT INTO auth.access_entry (subject_id, object, outcome)"
                              " VALUES (NULL, 'tumour', 'read')";
    return db_run(db, sql, NO_PARAMS);
}

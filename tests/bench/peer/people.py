"""GET /get_user_by_name/{name}"""
from database import EQUAL, acting
from reply import Refusal, timestamp

BY_NAME = """SELECT p.id AS user_id, p.name, p.status, p.specialty, p.birth_date, p.birth_date_estimated,
 extract(year FROM age(current_date, p.birth_date))::int AS age, p.mmse, p.sex, p.schooling_years, p.caregiver_id,
 p.created_at, p.updated_at, p.version FROM users.person p WHERE p.name_key = shared.name_key($1)"""
LOGGED_BY_NAME = f"""WITH found AS MATERIALIZED ({BY_NAME}),
 entered AS (INSERT INTO auth.access_entry (subject_id, object, outcome) SELECT user_id, 'person', 'read' FROM found
 UNION ALL SELECT NULL::uuid, 'person', 'absent' WHERE NOT EXISTS (SELECT FROM found)) SELECT * FROM found"""


async def by_name(pool, actor, name: str) -> dict:
    if not 1 <= len(name) <= 80:
        raise Refusal(422, "name: must have 1 to 80 characters")
    async with acting(pool, actor) as connection:
        row = await connection.fetchrow(LOGGED_BY_NAME if EQUAL else BY_NAME, name)
    if row is None:
        raise Refusal(404, "There is no such person.")
    return record(row)


def record(row) -> dict:
    status = row["status"]
    person = {"user_id": row["user_id"].hex, "name": row["name"], "status": status}
    if status == "healthpro":
        person["specialty"] = row["specialty"]
    elif status == "patient":
        person["age"] = row["age"]
        person["birth_date"] = row["birth_date"].isoformat()
        person["mmse"] = row["mmse"]
        for member in ("sex", "schooling_years"):
            if row[member] is not None:
                person[member] = row[member]
        if row["caregiver_id"]:
            person["caregiver_id"] = row["caregiver_id"].hex
        person["birth_date_estimated"] = row["birth_date_estimated"]
    person["created_at"] = timestamp(row["created_at"])
    person["updated_at"] = timestamp(row["updated_at"])
    return person

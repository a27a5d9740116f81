"""GET /api/v1/mmse/count and /api/v1/mmse/distribution"""
from datetime import date, datetime, timedelta, timezone

import ujson

from reply import Refusal

COUNT = """
SELECT coalesce((SELECT at_least[$1::int + 1] - coalesce(at_least[$2::int + 2], 0)
 FROM users.published_mmse_tally WHERE birth_year = 0), 0) AS count
"""
COUNT_BORN = """
SELECT (SELECT coalesce(sum(at_least[$1::int + 1] - coalesce(at_least[$2::int + 2], 0)), 0)
 FROM users.published_mmse_tally WHERE birth_year BETWEEN $3::int AND $4::int)
 + users.count_born($5::date, $6::date, $1, $2) + users.count_born($7::date, $8::date, $1, $2) AS count
"""
DISTRIBUTION = """
SELECT json_agg(coalesce(at_least[score + 1] - coalesce(at_least[score + 2], 0), 0) ORDER BY score) AS counts,
 coalesce(max(at_least[1]), 0) AS patients FROM generate_series(0, 30) score
 LEFT JOIN users.published_mmse_tally ON birth_year = 0
"""
LIMITS = {"over": 30, "under": 30, "min_age": 130, "max_age": 130}
EARLIEST, LATEST = date(1000, 1, 1), date(9000, 12, 31)


async def count(pool, parameters) -> dict:
    asked = read(parameters)
    statement, arguments = count_statement(asked)
    return {"count": int(await pool.fetchval(statement, *arguments)), **asked}


def count_statement(asked) -> tuple:
    """The statement and its arguments."""
    low, high = (asked["over"] + 1, 30) if "over" in asked else (0, asked["under"] - 1)
    if "min_age" in asked or "max_age" in asked:
        return COUNT_BORN, (low, high, *years_and_ends(asked))
    return COUNT, (low, high)


def read(parameters) -> dict:
    asked = {}
    for name, text in parameters.items():
        if name not in LIMITS or not text.isascii() or not text.isdigit() or int(text) > LIMITS[name]:
            raise Refusal(422, f"{name} is not known or not a whole number in its range")
        asked[name] = int(text)
    if ("over" in asked) == ("under" in asked):
        raise Refusal(422, "give either over or under")
    if asked.get("min_age", 0) > asked.get("max_age", 130):
        raise Refusal(422, "min_age must not be above max_age")
    return asked


def years_and_ends(asked) -> tuple:
    """First and last whole year of birth, and the days of the years at both ends."""
    first, last = EARLIEST, LATEST
    if "min_age" in asked:
        last = years_ago(asked["min_age"])
    if "max_age" in asked:
        first = years_ago(asked["max_age"] + 1) + timedelta(1)
    first_whole = first.year + ((first.month, first.day) != (1, 1))
    last_whole = last.year - ((last.month, last.day) != (12, 31))
    front_end = min(last, date(first_whole - 1, 12, 31))
    back_begin = max(date(last_whole + 1, 1, 1), front_end + timedelta(1))
    return first_whole, last_whole, first, front_end, back_begin, last


def years_ago(years: int) -> date:
    today = datetime.now(timezone.utc).date()
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return date(today.year - years, 2, 28)


async def distribution(pool) -> dict:
    rows = await pool.fetch(DISTRIBUTION)
    return {"by": None, "series": [{"age_band": None, "patients": int(row["patients"]),
                                    "counts": ujson.loads(row["counts"])} for row in rows]}

"""POST /api/v1/elements"""
from math import fsum, isfinite

import ujson

from database import acting
from reply import Refusal, timestamp

INSERT = r"""
WITH device AS MATERIALIZED (SELECT name, imaging.device_named(name) AS id
 FROM (SELECT DISTINCT device_name AS name FROM json_to_recordset($1::json) AS g (device_name text) ORDER BY 1) named),
 made AS (INSERT INTO imaging.element
 (id, device_id, data, data_size, normalization, average_before, maximum)
 SELECT id, (SELECT d.id FROM device d WHERE d.name = g.device_name), data::json, data_size, normalization,
 average_before, maximum
 FROM ROWS FROM (json_to_recordset($1::json) AS (id text, device_name text, normalization text, data_size int,
 average_before float8, maximum float8), string_to_table($2::text, E'\n')) AS g
 (id, device_name, normalization, data_size, average_before, maximum, data)
 RETURNING id, data_size, average_before, maximum, normalization, average_after, created_at, updated_at, version)
 SELECT * FROM made ORDER BY id
"""
MEMBERS = {"id", "data", "device_name", "deviceName", "normalization", "raw_data"}


async def create(pool, actor, form: dict) -> dict:
    content = check(form)
    lines = ujson.dumps(form["data"], ensure_ascii=False, escape_forward_slashes=False)
    async with acting(pool, actor) as connection:
        row = await connection.fetchrow(INSERT, ujson.dumps([content]), lines)
    device = content["device_name"]
    return {"id": row["id"], "device_name": device, "data": form["data"],
            "raw_data": {"id": row["id"], "data": form["data"], "deviceName": device},
            "data_size": row["data_size"], "average_before": row["average_before"], "maximum": row["maximum"],
            "normalization": row["normalization"], "average_after": row["average_after"],
            "created_at": timestamp(row["created_at"]), "updated_at": timestamp(row["updated_at"])}


def check(form: dict) -> dict:
    if not form.keys() <= MEMBERS:
        raise Refusal(422, "a member is not known")
    name, lines = form.get("device_name") or form.get("deviceName"), form.get("data")
    if not is_text(form.get("id")) or not is_text(name) or not isinstance(lines, list) or not lines:
        raise Refusal(422, "id, device_name and data are required")
    if "raw_data" in form and form["raw_data"] != {"id": form["id"], "data": lines, "deviceName": name}:
        raise Refusal(422, "raw_data: must say the same")
    normalization = form.get("normalization", "maximum")
    if normalization not in ("maximum", "percent"):
        raise Refusal(422, "normalization: must be maximum or percent")
    try:
        numbers = [float(token) for line in lines for token in line.split()]
    except (ValueError, AttributeError):
        raise Refusal(422, "data: must be lines of numbers")
    if not numbers or not all(map(isfinite, numbers)):
        raise Refusal(422, "data: must hold finite numbers")
    return {"id": form["id"], "device_name": name, "normalization": normalization, "data_size": len(numbers),
            "average_before": fsum(numbers) / len(numbers), "maximum": max(numbers)}


def is_text(value) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 80

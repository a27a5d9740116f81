"""The reference service: a few endpoints of Mnemos as an experienced team would write them in Python for speed.

Paths, statements, token check and answers are those of the services in C. It writes no log, keeps no metrics and sets
few headers; that is in its favour.
"""
import ujson
from fastapi import Depends, FastAPI, Request

import elements
import mmse
import people
from database import open_pools
from logins import Logins
from reply import Refusal, Reply
from trust import Trust

app = FastAPI(openapi_url=None)
pools: dict
trust: Trust
logins: Logins


@app.on_event("startup")
async def start():
    global pools, trust, logins
    pools = await open_pools()
    trust, logins = Trust(), Logins(pools["auth"])
    await trust.start()
    await logins.start()


@app.exception_handler(Refusal)
async def refuse(request: Request, why: Refusal) -> Reply:
    return Reply({"status": why.status, "detail": why.detail}, why.status, media_type="application/problem+json")


async def principal(request: Request) -> dict:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Refusal(401, "Log in and send the access token.")
    return trust.verify(token)


async def staff(who: dict = Depends(principal)) -> dict:
    if who["role"] not in ("healthpro", "admin", "superuser"):
        raise Refusal(403, "Elements are for healthcare professionals.")
    return who


async def body(request: Request) -> dict:
    try:
        given = ujson.loads(await request.body())
    except ValueError:
        raise Refusal(400, "The body is not JSON.")
    if not isinstance(given, dict):
        raise Refusal(422, "The body must be a JSON object.")
    return given


@app.get("/get_user_by_name/{name}", dependencies=[Depends(principal)])
async def get_user_by_name(name: str) -> Reply:
    return Reply(await people.by_name(pools["users"], name))


@app.get("/api/v1/mmse/count", dependencies=[Depends(principal)])
async def count(request: Request) -> Reply:
    return Reply(await mmse.count(pools["analytics"], request.query_params))


@app.get("/api/v1/mmse/distribution", dependencies=[Depends(principal)])
async def distribution() -> Reply:
    return Reply(await mmse.distribution(pools["analytics"]))


@app.post("/api/v1/elements", dependencies=[Depends(staff)])
async def create_element(form: dict = Depends(body)) -> Reply:
    return Reply(await elements.create(pools["imaging"], form), 201)


@app.post("/login")
async def login(given: dict = Depends(body)) -> Reply:
    if set(given) != {"name", "password"} or not all(isinstance(value, str) for value in given.values()):
        raise Refusal(422, "name and password are required")
    answer = await logins.login(given)
    cookie = f"mnemos_session={answer['access_token']}; Path=/; Max-Age=1800; HttpOnly; SameSite=Strict"
    return Reply(answer, headers={"Set-Cookie": cookie})

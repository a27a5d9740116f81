"""The reference service: a few endpoints of Mnemos as an experienced team would write them in Python for speed.

Paths, statements, token check and answers are those of the services in C; database.py says what its two modes promise.
It writes no log of requests, keeps no metrics and sets few headers; that is in its favour.
"""
import secrets

import ujson
from fastapi import Depends, FastAPI, Request

import elements
import mmse
import people
from database import EQUAL, Actor, open_pools
from logins import EqualLogins, Logins
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
    trust, logins = Trust(), (EqualLogins if EQUAL else Logins)(pools["auth"])
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


def actor(request: Request, who: dict, action: str) -> Actor | None:
    """Whom the equal peer tells PostgreSQL of; the lighter one need not spend time on it."""
    if not EQUAL:
        return None
    role = who["role"] if who["role"] != "client" else f"client {who['scope']}"
    return Actor(role, who["sub"], f"{action} {secrets.token_hex(16)} {request.client.host}", request.method == "GET")


async def body(request: Request) -> dict:
    try:
        given = ujson.loads(await request.body())
    except ValueError:
        raise Refusal(400, "The body is not JSON.")
    if not isinstance(given, dict):
        raise Refusal(422, "The body must be a JSON object.")
    return given


@app.get("/get_user_by_name/{name}")
async def get_user_by_name(name: str, request: Request, who: dict = Depends(principal)) -> Reply:
    return Reply(await people.by_name(pools["users"], actor(request, who, "person.read"), name))


# Numbers of many, for which the services do not say who asks.

@app.get("/api/v1/mmse/count", dependencies=[Depends(principal)])
async def count(request: Request) -> Reply:
    return Reply(await mmse.count(pools["analytics"], request.query_params))


@app.get("/api/v1/mmse/distribution", dependencies=[Depends(principal)])
async def distribution() -> Reply:
    return Reply(await mmse.distribution(pools["analytics"]))


@app.post("/api/v1/elements")
async def create_element(request: Request, who: dict = Depends(staff), form: dict = Depends(body)) -> Reply:
    return Reply(await elements.create(pools["imaging"], actor(request, who, "element.create"), form), 201)


@app.post("/login")
async def login(request: Request, given: dict = Depends(body)) -> Reply:
    if set(given) != {"name", "password"} or not all(isinstance(value, str) for value in given.values()):
        raise Refusal(422, "name and password are required")
    nobody = actor(request, {"role": "anonymous", "sub": ""}, "session.create")
    answer = await logins.login(given, nobody, request)
    cookie = f"mnemos_session={answer['access_token']}; Path=/; Max-Age=1800; HttpOnly; SameSite=Strict"
    return Reply(answer, headers={"Set-Cookie": cookie})

"""Replies and refusals."""
import ujson
from starlette.responses import Response


class Reply(Response):
    media_type = "application/json"

    def render(self, content) -> bytes:
        return ujson.dumps(content, ensure_ascii=False, escape_forward_slashes=False).encode()


class Refusal(Exception):
    def __init__(self, status: int, detail: str):
        self.status = status
        self.detail = detail


def timestamp(time) -> str:
    """RFC 3339 in UTC with as many digits as PostgreSQL prints."""
    text = time.isoformat()[:-6]
    return (text.rstrip("0") if "." in text else text) + "Z"

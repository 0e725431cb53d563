"""The ledger for programs: a read API, JSON over HTTP, for who has the token and asks on the loopback.

An error is {"error": words} with its status. What may be asked is in queries.py; nothing here writes, and no answer is kept
by anybody on the way."""

import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from fleet.db import DbFault
from fleet.ledger import Ledger
from fleet.queries import Body, Missing, Params, Reader, Wrong

HOSTS = ("127.0.0.1", "localhost", "[::1]")


def app(ledger: Ledger, token: str) -> ASGIApp:
    """The whole of it. token: who has it may read everything."""
    reader = Reader(ledger)
    routes = {
        "/terminals": reader.terminals,
        "/terminals/{terminal}": reader.terminal,
        "/sales": reader.sales,
        "/sales/{terminal}/{seq}": reader.sale,
        "/totals": reader.totals,
        "/quarantine": reader.quarantine,
        "/alarms": reader.alarms,
    }
    made = [Route(path, endpoint(reader, question), methods=["GET"]) for path, question in routes.items()]
    return Gate(Starlette(routes=made, exception_handlers={HTTPException: failed}), token)


def endpoint(reader: Reader, question: Callable[[Params], Body]) -> Callable[[Request], Awaitable[Response]]:
    def ask(params: Params) -> Body:
        with reader.turn:
            return question(params)

    async def answer(request: Request) -> Response:
        pairs = request.query_params.multi_items()
        if len(dict(pairs)) != len(pairs) or any(name in request.path_params for name, _ in pairs):
            return said(400, {"error": "a parameter twice"})
        try:
            return said(200, await run_in_threadpool(ask, dict(pairs) | request.path_params))
        except Wrong as fault:
            return said(400, {"error": str(fault)})
        except Missing as fault:
            return said(404, {"error": str(fault)})
        except DbFault:  # its words may name the server
            return said(503, {"error": "the ledger does not answer now"})

    return answer


class Gate:
    """Before anything else: is it asked of us by the name that we have here, and by who may? A page of the web that has a
    browser ask the loopback knows neither."""

    def __init__(self, inner: ASGIApp, token: str) -> None:
        self.inner = inner
        self.token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if (host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host) not in HOSTS:
            await said(421, {"error": "host: this is on the loopback, and has no other name"})(scope, receive, send)
        elif not hmac.compare_digest(headers.get(b"authorization", b""), b"Bearer " + self.token):
            refusal = said(401, {"error": "authorization: Bearer and the token of the file"})
            refusal.headers["www-authenticate"] = "Bearer"
            await refusal(scope, receive, send)
        else:
            await self.inner(scope, receive, send)


def said(status: int, body: Body) -> Response:
    """ASCII, so that nothing that a till wrote can move a terminal."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(json.dumps(body), status, headers, "application/json")


async def failed(request: Request, fault: Exception) -> Response:
    """No such path, or another method than GET."""
    assert isinstance(fault, HTTPException)
    return said(fault.status_code, {"error": fault.detail.lower()})

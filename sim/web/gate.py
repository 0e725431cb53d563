"""Who may talk to the page: this machine's own browser, on the page itself, and nobody else.

A page of another site can reach 127.0.0.1 under a name of its own (DNS rebinding) or open our websocket directly
(websockets know no same-origin rule): the Host and the Origin that the browser sends tell them apart."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost")
HEADERS = {
    "content-security-policy": "; ".join(
        ("default-src 'self'", "img-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class Gate:
    """Lets a request through when its Host is ours and its Origin, if it has one, is our own page's.

    A websocket must have an Origin. port: the one that the page is served on."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}" for name in NAMES}
        self.origins = {f"http://{host}" for host in self.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        ours = headers.get("host") in self.hosts and (origin in self.origins or (origin is None and scope["type"] == "http"))
        if ours:
            await self.app(scope, receive, with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            refusal = PlainTextResponse("This page is for this machine only.\n", 403)
            await refusal(scope, receive, with_headers(send))


def with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sending

"""Headers that every answer carries, and the token that a request may need."""

import hmac

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.problems import answer

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_OPEN = ("/", "/healthz")
"""Paths that need no token: the page asks for it itself."""


class Security:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what has no token, or comes from another site's page; add headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        headers, path = Headers(scope=scope), scope["path"]
        refusal = None
        if headers.get("sec-fetch-site") == "cross-site" and scope["method"] != "GET":
            refusal = answer(403, "requests from other sites' pages are refused")
        elif self.token and path not in _OPEN and not path.startswith("/static/"):
            given = headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self.token.encode()):
                wanted = {"WWW-Authenticate": "Bearer"}
                refusal = answer(401, "this server wants its token", wanted)
        if refusal:
            await refusal(scope, receive, sealed)
        else:
            await self.app(scope, receive, sealed)

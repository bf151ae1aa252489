"""Headers that every answer carries, and the token that a request may need."""

import hmac

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.problems import answer
from photochrom.web.settings import LOCAL

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

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, sealed)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        if headers.get("sec-fetch-site") == "cross-site" and scope["method"] != "GET":
            return answer(403, "requests from other sites' pages are refused")
        if not self.token:
            return _misdirected(headers.get("host", ""))
        if path in _OPEN or path.startswith("/static/"):
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.encode(), self.token.encode())
        if scheme.lower() == "bearer" and right:
            return None
        return answer(401, "this server wants its token", {"WWW-Authenticate": "Bearer"})


def _misdirected(host: str) -> Response | None:
    """Refuse a name that is not this machine's: another site's, which was made to lead here."""
    name = host.partition("]")[0].lstrip("[") if "]" in host else host.partition(":")[0]
    if name.lower() in LOCAL:
        return None
    return answer(421, f"without a --token this server answers to {', '.join(LOCAL)} only")

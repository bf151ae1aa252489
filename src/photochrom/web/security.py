"""Middleware: headers of every answer, the token, and requests from other sites."""

import hmac
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.problems import answer
from photochrom.web.settings import LOCAL

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


class Security:
    """Middleware around the whole application; paths in `public` need no token."""

    def __init__(self, app: ASGIApp, token: str | None, public: Collection[str]) -> None:
        self.app, self.token, self.public = app, token, public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse requests without the token or from other sites' pages; add headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-cache"
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, sealed)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        if scope["method"] not in ("GET", "HEAD") and _from_elsewhere(headers):
            return answer(403, "requests from other sites' pages are refused")
        if not self.token:
            return _misdirected(headers.get("host", ""))
        if path in self.public or path.startswith("/static/"):
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.encode(), self.token.encode())
        if scheme.lower() == "bearer" and right:
            return None
        return answer(
            401,
            "this server needs its token, as Authorization: Bearer TOKEN",
            {"WWW-Authenticate": "Bearer"},
        )


def _from_elsewhere(headers: Headers) -> bool:
    """Whether a request is from a page of another site, host or port, or from none, "null"."""
    origin, host = headers.get("origin"), headers.get("host", "")
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return True
    return origin is not None and origin.partition("://")[2].lower() != host.lower()


def _misdirected(host: str) -> Response | None:
    """Refuse a host name that is not this machine's: another site's may be made to lead here."""
    name = host.partition("]")[0].lstrip("[") if "]" in host else host.partition(":")[0]
    if name.lower() in LOCAL:
        return None
    return answer(421, f"without a --token this server answers to {', '.join(LOCAL)} only")

"""How a public document leaves: with a strong tag of its bytes, for any web page, to be kept shortly."""

import hashlib

from fastapi import Request, Response

from boundary import base64url


def public_answer(body: bytes, media_type: str, request: Request, seconds: int, vary: str = "") -> Response:
    """Return the document, or 304 to whoever has these very bytes (RFC 9110 §13.1.2)."""
    tag = f'"{base64url.encode(hashlib.sha256(body).digest())}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={seconds}",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if vary:
        headers["Vary"] = vary
    if _has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)


def _has(request: Request, tag: str) -> bool:
    """Weak and strong tags of the same bytes are alike here (RFC 9110 §13.1.2)."""
    given = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return tag in given or given == ["*"]

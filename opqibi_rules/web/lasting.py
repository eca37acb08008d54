"""What changes with the facts alone: sent whole once, then known again by its tag."""

import hashlib

from fastapi import Request, Response


def lasting(request: Request, data: bytes, media_type: str) -> Response:
    """An answer that its reader may keep, if he asks each time whether it still holds (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=media_type)

"""What a call can fail with."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict

import httpx


class Fault(TypedDict):
    """One fault of a request: what is wrong with which parameter."""

    parameter: str
    message: str
    received: str | None
    expected: str | None
    did_you_mean: str | None


class ApiError(Exception):
    """An answer that is no success.

    status: HTTP status.
    code: as in the documentation, "invalid_parameter"; "http_502" and the like when something before the API answered.
    request_id: to quote when asking about the request.
    errors: every fault of the request at once.
    retry_after: seconds to wait before a further attempt, when the answer says so.
    """

    def __init__(self, response: httpx.Response) -> None:
        body = _body_of(response)
        message, code, request_id = body.get("message"), body.get("code"), body.get("request_id")
        errors, retry_after = body.get("errors"), body.get("retry_after")
        self.status: int = response.status_code
        self.message: str = (
            message if isinstance(message, str) else f"HTTP {response.status_code} {response.reason_phrase}".rstrip()
        )
        self.code: str = code if isinstance(code, str) else f"http_{response.status_code}"
        self.request_id: str | None = request_id if isinstance(request_id, str) else response.headers.get("X-Request-Id")
        self.errors: list[Fault] = errors if isinstance(errors, list) else []
        self.retry_after: float | None = (
            float(retry_after) if isinstance(retry_after, int | float) else _seconds_of(response.headers.get("Retry-After"))
        )
        super().__init__(self.message)


class ConnectionFailed(Exception):
    """No answer came, or not the whole of it: see __cause__."""


def _body_of(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _seconds_of(header: str | None) -> float | None:
    """Of a Retry-After header (RFC 9110, 10.2.3): seconds, or a time."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        time = parsedate_to_datetime(header)
    except ValueError:
        return None
    # A time without a zone is in UTC.
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    seconds = (aware - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None

"""Asking again where it may help and does no harm."""

from __future__ import annotations

import random
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx

from .errors import ApiError, ConnectionFailed
from .generated.routes import KEYED_ROUTES, READ_ONLY_ROUTES

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
JSON = re.compile(r"application/(?:\w+\+)?json\b")


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and how long, a request is repeated.

    max_attempts: attempts in all, the first included.
    max_total_seconds: no further attempt begins later than this after the first.
    base_delay_seconds: the pause before the second attempt is random, up to this; up to twice as long before each further one.
    max_delay_seconds: no random pause is longer.
    """

    max_attempts: int = 5
    max_total_seconds: float = 60.0
    base_delay_seconds: float = 0.5
    max_delay_seconds: float = 8.0


class RetryingClient(httpx.Client):
    """An httpx client that asks again after 429, 502, 503, 504 and broken connections, if the request can be repeated without
    doing anything twice. It waits as long as the answer says, and a random while that doubles.

    It raises ApiError for every answer but a success, ConnectionFailed when there is none.
    """

    def __init__(self, policy: RetryPolicy, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._policy = policy

    def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
        if self._is_among(KEYED_ROUTES, request) and "Idempotency-Key" not in request.headers:
            request.headers["Idempotency-Key"] = str(uuid.uuid4())
        is_repeatable = (
            request.method == "GET" or "Idempotency-Key" in request.headers or self._is_among(READ_ONLY_ROUTES, request)
        )
        started_at = time.monotonic()
        attempt = 1
        while True:
            outcome = self._attempt(request, stream, options)
            if isinstance(outcome, httpx.Response):
                return outcome
            delay = _pause(outcome, attempt, self._policy)
            may_help = isinstance(outcome, ConnectionFailed) or outcome.status in RETRIED_STATUSES
            is_in_time = time.monotonic() - started_at + delay <= self._policy.max_total_seconds
            if not (is_repeatable and may_help and attempt < self._policy.max_attempts and is_in_time):
                raise outcome
            time.sleep(delay)
            attempt += 1

    def _is_among(self, routes: list[list[str]], request: httpx.Request) -> bool:
        path = request.url.path.removeprefix(self.base_url.path.rstrip("/"))
        return any(method == request.method and re.search(pattern, path) for method, pattern in routes)

    def _attempt(
        self, request: httpx.Request, stream: bool, options: dict[str, Any]
    ) -> httpx.Response | ApiError | ConnectionFailed:
        try:
            response = super().send(request, stream=True, **options)
            try:
                # JSON is read inside of the attempt: one that breaks off is asked for again. Anything else may stream.
                if not stream or not response.is_success or JSON.match(response.headers.get("Content-Type", "")):
                    response.read()
            except BaseException:
                response.close()
                raise
        except httpx.TransportError as error:
            failure = ConnectionFailed(f"{request.method} {request.url}: {error or type(error).__name__}")
            failure.__cause__ = error
            return failure
        return response if response.is_success else ApiError(response)


def _pause(failure: ApiError | ConnectionFailed, attempt: int, policy: RetryPolicy) -> float:
    """ "Full jitter": clients that failed together do not come back together."""
    asked_for = failure.retry_after or 0.0 if isinstance(failure, ApiError) else 0.0
    ceiling = min(policy.max_delay_seconds, policy.base_delay_seconds * 2 ** (attempt - 1))
    return asked_for + random.uniform(0, ceiling)

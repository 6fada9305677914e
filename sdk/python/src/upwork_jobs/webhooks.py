"""Verification of what webhook endpoints are sent."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

_SECRET_PREFIX = "whsec_"
_VERSION_PREFIX = "v1,"


class WebhookVerificationError(Exception):
    """A request that does not come from the API, or not unchanged, or not just now."""


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str | Iterable[str],
    *,
    tolerance_seconds: float = 300,
    now: float | None = None,
) -> dict[str, Any]:
    """The event that a request to an endpoint brings, held against its signature as the Standard Webhooks specification says.

    body: as it came, not read and written anew.
    secret: "whsec_..." of the endpoint; several where one receiver serves several endpoints.
    tolerance_seconds: how far the time of signing may be from now: an older request is one that somebody has kept.
    now: seconds since 1970; the clock's unless given.

    Raises WebhookVerificationError: answer such a request with 400 and take nothing from it.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (
        _header(given, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not re.fullmatch("[0-9]{1,12}", timestamp):
        raise WebhookVerificationError("webhook-timestamp is no time.")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance_seconds:
        raise WebhookVerificationError("webhook-timestamp is too far from now.")

    content = body.encode() if isinstance(body, str) else body
    signed = f"{message_id}.{timestamp}.".encode() + content
    expected = [_signature(one, signed) for one in ([secret] if isinstance(secret, str) else secret)]
    claimed = [text.encode() for text in signatures.split(" ") if text.startswith(_VERSION_PREFIX)]
    # Takes the same time wherever two differ.
    if not any(hmac.compare_digest(one, other) for one in expected for other in claimed):
        raise WebhookVerificationError("No signature in webhook-signature is that of the body.")
    event: dict[str, Any] = json.loads(content)
    return event


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise WebhookVerificationError(f"The header {name} is missing.")
    return value


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("A secret is whsec_ and base64.")
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return _VERSION_PREFIX.encode() + base64.b64encode(digest)

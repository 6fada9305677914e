"""Client of the Upwork jobs API."""

from .client import UpworkJobs
from .errors import ApiError, ConnectionFailed, Fault
from .retries import RetryPolicy
from .webhooks import WebhookVerificationError, verify_webhook

__all__ = [
    "ApiError",
    "ConnectionFailed",
    "Fault",
    "RetryPolicy",
    "UpworkJobs",
    "WebhookVerificationError",
    "verify_webhook",
]

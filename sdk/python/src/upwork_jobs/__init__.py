"""Client of the Upwork jobs API."""

from .client import UpworkJobs
from .errors import ApiError, ConnectionFailed, Fault
from .retries import RetryPolicy

__all__ = ["ApiError", "ConnectionFailed", "Fault", "RetryPolicy", "UpworkJobs"]

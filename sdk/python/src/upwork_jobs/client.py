"""The API: a key, its jobs over all pages, and every operation of the generated modules."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, overload

import httpx

from .generated.api.jobs import get_jobs
from .generated.client import Client
from .retries import RetryingClient, RetryPolicy

if TYPE_CHECKING:
    from .generated.models.job import Job

# As many rows as a page of jobs has at most.
PAGE_SIZE = 50
# The API skips no more rows than this.
MAX_OFFSET = 10_000


class UpworkJobs:
    """A client of the API. It is a context manager; without `with`, close it when it is done.

    base_url: where the API is, "https://api.example.com".
    key: API key, or the token of a source that pushes.
    retry: what differs from 5 attempts within a minute.
    timeout: seconds without a byte after which an attempt counts as failed.
    """

    def __init__(self, base_url: str, key: str, *, retry: RetryPolicy | None = None, timeout: float = 30.0) -> None:
        self._http = RetryingClient(
            retry or RetryPolicy(),
            base_url=base_url.rstrip("/"),
            headers={"X-API-KEY": key},
            timeout=timeout,
        )
        self.api = Client(base_url=base_url).set_httpx_client(self._http)
        """For the functions of the generated modules: get_jobs.sync(client=client.api, search="python")."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    @overload
    def jobs(self, *, fields: list[str] | str, **parameters: Any) -> Iterator[dict[str, Any]]: ...
    @overload
    def jobs(self, **parameters: Any) -> Iterator[Job]: ...
    def jobs(self, **parameters: Any) -> Iterator[Any]:
        """Every job that matches, over all pages. By relevance the first 10,000 can be had; in every other order all of them.

        Parameters are those of GET /jobs, with `_` for a dot; `cursor` goes on where an earlier page ended. With `fields`, a
        job is a dict of those.
        """
        return self.each(get_jobs, **parameters)

    def each(self, operation: ModuleType, **parameters: Any) -> Iterator[Any]:
        """Every row of any list that has a `next_cursor`: client.each(get_jobs, search="python")."""
        for page in self.pages(operation, **parameters):
            yield from page.data if hasattr(page, "data") else page["data"]

    def pages(self, operation: ModuleType, **parameters: Any) -> Iterator[Any]:
        """The same page by page, each with its `next_cursor`, from which to go on another day."""
        known = inspect.signature(operation.sync).parameters
        # Lists that a copy is kept in step by begin at `since`, which takes a cursor, too.
        place = "cursor" if "cursor" in known else "since"
        if "limit" in known:
            parameters.setdefault("limit", PAGE_SIZE)
        while True:
            body, page = self._read(operation, parameters)
            yield page
            further = _place_after(parameters, place, body)
            if further is None:
                return
            parameters = {name: value for name, value in parameters.items() if name != "offset"} | further

    def call(self, operation: ModuleType, **arguments: Any) -> Any:
        """What a generated module's operation answers: client.call(get_jobs_by_id, id="1880000000000000001").data.title"""
        return self._read(operation, arguments)[1]

    def raw(self, path: str, **parameters: Any) -> AbstractContextManager[httpx.Response]:
        """A success as it comes, its body not read yet: for what is no JSON and may be long."""
        given = {
            name: ",".join(map(str, value)) if isinstance(value, list | tuple) else value
            for name, value in parameters.items()
            if value is not None
        }
        return self._http.stream("GET", path, params=given)

    def _read(self, operation: ModuleType, arguments: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """The body of an answer as it came, and what the generated code makes of it."""
        known = inspect.signature(operation.sync).parameters
        given = {name: _as_list(value) if _is_list(known, name) else value for name, value in arguments.items()}
        response = self._http.request(**operation._get_kwargs(**given))
        body = response.json()
        # Rows of some fields are no whole models.
        return body, body if given.get("fields") else operation._parse_response(client=self.api, response=response)


def _place_after(parameters: dict[str, Any], place: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """Where the next page begins: at the cursor; in orders without one so many rows on, if the API skips as many."""
    if body.get("has_more") is False:
        return None
    cursor = body.get("next_cursor")
    if cursor is not None:
        return None if cursor == parameters.get(place) else {place: cursor}
    # A larger limit is taken as this one.
    limit, rows = min(parameters.get("limit", PAGE_SIZE), PAGE_SIZE), len(body["data"])
    seen = parameters.get("offset", 0) + rows
    is_over = parameters.get(place) is not None or rows < limit or seen >= body.get("total", 0)
    return None if is_over or seen > MAX_OFFSET else {"limit": limit, "offset": seen}


def _is_list(known: Any, name: str) -> bool:
    return name in known and str(known[name].annotation).startswith("list[")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float) else value

"""A customer's program: carries out one act per line of its input and answers each with a line of JSON."""

import json
import sys
from itertools import islice

from upwork_jobs import (
    ApiError,
    ConnectionFailed,
    RetryPolicy,
    UpworkJobs,
    WebhookVerificationError,
    verify_webhook,
)
from upwork_jobs.generated.api.feeding import post_ingest_jobs
from upwork_jobs.generated.api.jobs import get_jobs, get_jobs_by_id, get_jobs_changes, post_jobs_search
from upwork_jobs.generated.models import PostIngestJobsBodyType0, PostJobsSearchBody

base_url, key = sys.argv[1:]
policy = RetryPolicy(base_delay_seconds=0.01, max_total_seconds=20)
client = UpworkJobs(base_url, key, retry=policy, timeout=10)


def second_page(_given):
    (page,) = islice(client.pages(get_jobs), 1)
    return [job.id for job in client.each(get_jobs, cursor=page.next_cursor)]


def read(given):
    job = client.call(get_jobs_by_id, id=given["id"]).data
    return [job.title, job.posted_on.strftime("%Y-%m-%dT%H:%M:%S.000Z")]


def search(given):
    page = client.call(post_jobs_search, body=PostJobsSearchBody.from_dict(given))
    return [len(page.data), page.total]


def push(given):
    answer = client.call(post_ingest_jobs, body=PostIngestJobsBodyType0.from_dict({"jobs": given}))
    return [answer.accepted, answer.batch_id]


def raw(_given):
    with client.raw("/openapi.json") as response:
        return json.loads(b"".join(response.iter_bytes()))["info"]["title"]


def verify(given):
    event = verify_webhook(**given)
    # Bytes are taken, too.
    assert event == verify_webhook(**{**given, "body": given["body"].encode()})
    return event["data"]["job"]["title"] if event.get("type") == "job.matched" else event


acts = {
    "jobs": lambda given: [job.id for job in client.jobs(**given)],
    "fields": lambda _given: next(client.jobs(fields=["id", "title"]))["title"],
    "secondPage": second_page,
    "changes": lambda given: [change.id for change in client.each(get_jobs_changes, **given)],
    "read": read,
    "search": search,
    "push": push,
    "raw": raw,
    "verify": verify,
}


def answer_to(act, given):
    try:
        return {"value": acts[act](given)}
    except ApiError as error:
        told = {name: getattr(error, name) for name in ("status", "code", "message", "request_id", "errors", "retry_after")}
        return {"failure": {"name": "ApiError", **told}}
    except ConnectionFailed:
        return {"failure": {"name": "ConnectionError"}}
    except WebhookVerificationError as error:
        return {"failure": {"name": "WebhookVerificationError", "message": str(error)}}


for line in sys.stdin:
    print(json.dumps(answer_to(**json.loads(line))), flush=True)

"""A service that answers what it is told, for tests of clients."""

import json
from typing import Any

import httpx

from accord.http.answers import Answer
from accord.http.client import RestClient
from accord.http.endpoint import Endpoint
from tests.toolkit.http.conftest import PROBLEM

__all__ = ["Service", "client_to", "endpoint", "problem"]

Said = httpx.Response | Exception


def endpoint(method: str = "GET", path: str = "/", **members: Any) -> Endpoint[None]:
    answers = {"200": Answer(), "201": Answer(), "default": PROBLEM}
    return Endpoint("anOperation", method, path, answers, **members)


class Service:
    """Answers with what it is given, in turn, and keeps what it was asked."""

    def __init__(self, *answers: Said) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client_to(service: Service, retries: int = 2) -> RestClient:
    return RestClient("http://shop/api", retries=retries, transport=httpx.MockTransport(service))


def problem(status: int, headers: dict[str, str] | None = None) -> httpx.Response:
    content = {"title": "No", "detail": "Not so.", "status": status}
    headers = {
        "Content-Type": "application/problem+json; charset=utf-8",
        "X-Correlation-ID": "c-1",
        **(headers or {}),
    }
    return httpx.Response(status, content=json.dumps(content), headers=headers)

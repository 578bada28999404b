"""Security schemes (OpenAPI, Security Scheme Object): how credentials travel, and what a service is asked."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from accord.http.raw import Carrier, RawRequest, decode, encode, split_cookies, split_query
from accord.http.styles import Malformed

__all__ = [
    "ApiKey",
    "Basic",
    "Bearer",
    "Call",
    "Credential",
    "Elsewhere",
    "Requirement",
    "Scheme",
    "satisfied",
]

Credential = str | tuple[str, str]
"""A key or a token; for HTTP Basic the name of the user and the password."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme; ``name`` is what the spec calls it."""

    name: str

    challenge = ""
    """What `WWW-Authenticate` says of it (RFC 9110, section 11.6.1)."""

    def read(self, raw: Carrier) -> Credential | None:
        """The credential that a request carries, unchecked; None where it carries none."""
        raise NotImplementedError

    def write(self, credential: Any) -> RawRequest:
        """What a request has to carry."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ApiKey(Scheme):
    """A key in a header, the query or a cookie."""

    place: Literal["header", "query", "cookie"]
    parameter: str

    challenge = "ApiKey"

    def read(self, raw: Carrier) -> str | None:
        if self.place == "header":
            return raw.header(self.parameter) or None
        pairs = split_query(raw.query) if self.place == "query" else split_cookies(raw.cookies)
        try:
            return next((decode(value) for name, value in pairs if name == self.parameter), None)
        except Malformed:
            return None

    def write(self, credential: str) -> RawRequest:
        if self.place == "header":
            return RawRequest(headers=((self.parameter, credential),))
        pair = f"{encode(self.parameter)}={encode(credential)}"
        return RawRequest(query=pair) if self.place == "query" else RawRequest(cookies=pair)


@dataclass(frozen=True, slots=True)
class Bearer(Scheme):
    """A token (RFC 6750); OAuth 2 and OpenID Connect come down to it once there is a token."""

    challenge = "Bearer"

    def read(self, raw: Carrier) -> str | None:
        return _authorization(raw, "bearer")

    def write(self, credential: str) -> RawRequest:
        return RawRequest(headers=(("Authorization", f"Bearer {credential}"),))


@dataclass(frozen=True, slots=True)
class Basic(Scheme):
    """A name and a password (RFC 7617), in UTF-8."""

    challenge = 'Basic realm="api", charset="UTF-8"'

    def read(self, raw: Carrier) -> tuple[str, str] | None:
        given = _authorization(raw, "basic")
        try:
            name, colon, password = base64.b64decode(given or "", validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return (name, password) if colon else None

    def write(self, credential: tuple[str, str]) -> RawRequest:
        encoded = base64.b64encode(":".join(credential).encode()).decode()
        return RawRequest(headers=(("Authorization", f"Basic {encoded}"),))


@dataclass(frozen=True, slots=True)
class Elsewhere(Scheme):
    """Credentials that are not read here: a certificate (mutual TLS), or HTTP schemes such as digest.

    The implementation is asked about the call all the same.
    """

    def read(self, raw: Carrier) -> str:
        return ""

    def write(self, credential: Any) -> RawRequest:
        return RawRequest()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One scheme that a call needs, with the scopes of OAuth 2 or OpenID Connect."""

    scheme: Scheme
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """What an implementation decides on: who wants to call which operation.

    ``credentials`` are by the scheme's name, as they were sent and not yet believed; ``scopes`` are what each
    scheme must grant. ``headers`` are for schemes that are not read here, their names in lower case.
    """

    operation: str
    credentials: Mapping[str, Credential]
    scopes: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]


def satisfied(
    alternatives: tuple[tuple[Requirement, ...], ...], credentials: Mapping[str, Credential]
) -> tuple[Requirement, ...] | None:
    """The first alternative whose credentials are all there; None if there is none."""
    for requirements in alternatives:
        if all(isinstance(r.scheme, Elsewhere) or r.scheme.name in credentials for r in requirements):
            return requirements
    return None


def _authorization(raw: Carrier, scheme: str) -> str | None:
    given, _, credential = (raw.header("Authorization") or "").partition(" ")
    return credential.strip() or None if given.lower() == scheme else None

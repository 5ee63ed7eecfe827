"""One HTTP request to a candidate: address, headers, and what it does not take.

RULE: the same for every language; what differs between providers is a field of `Quirks`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from urllib.parse import urljoin

from freetier._version import __version__
from freetier.values.accounts import Candidate
from freetier.values.quick import maker
from freetier.values.wire import Header, HttpRequest

_http_request = maker(HttpRequest)

AGENT = f"freetier/{__version__}"


def post(candidate: Candidate, path: str, body: bytes, *, stream: bool) -> HttpRequest:
    """Return a request to a candidate.

    Args:
        candidate: Who shall answer.
        path: Below the base URL, with its slash.
        body: JSON.
        stream: Whether events are wanted.

    Raises:
        ValueError: The provider has no address, or the key cannot stand in a header.
    """
    account = candidate.account
    return _http_request(
        method="POST",
        url=_address(candidate, path),
        headers=_headers(candidate, stream=stream),
        body=body,
        stream=stream,
        proxy=account.proxy,
        ca_file=account.ca_file,
    )


def get(candidate: Candidate, path: str) -> HttpRequest:
    """Return a question to a candidate's host that makes nobody write an answer.

    Args:
        candidate: Whose host and key.
        path: Below the base URL with its slash, or beside it with `../`.

    Raises:
        ValueError: As `post`.
    """
    account = candidate.account
    return _http_request(
        method="GET",
        url=_address(candidate, path),
        headers=_headers(candidate, stream=False)[1:],
        proxy=account.proxy,
        ca_file=account.ca_file,
    )


def _address(candidate: Candidate, path: str) -> str:
    base = (candidate.account.base_url or candidate.provider.base_url).rstrip("/")
    if not base:
        raise ValueError(f"the provider {candidate.provider.name} has no address")
    return urljoin(f"{base}/", path) if path.startswith("../") else base + path


def refused_names(candidate: Candidate) -> frozenset[str]:
    """Return the parameters that are left out for a candidate, by our names."""
    quirks = candidate.quirks
    names = quirks.drop
    for pattern, more in quirks.drop_for_models.items():
        if fnmatchcase(candidate.model.id, pattern):
            names |= more
    return names if quirks.parallel_flag else names | {"parallel_tool_calls"}


def _headers(candidate: Candidate, *, stream: bool) -> tuple[Header, ...]:
    """Return the headers; what the account says wins over what the provider's data say."""
    quirks, account = candidate.quirks, candidate.account
    headers = {
        "content-type": "application/json",
        "accept": "text/event-stream" if stream else "application/json",
        "user-agent": AGENT,
    }
    if account.secret:
        key = account.secret.reveal()
        if not (key.isascii() and key.isprintable()):
            raise ValueError(f"the key of {account.id} holds letters that no header can carry")
        headers[quirks.auth_header.lower()] = f"{quirks.auth_scheme} {key}".lstrip()
    for name, value in (*quirks.headers, *account.headers):
        headers[name.lower()] = value
    return tuple(headers.items())

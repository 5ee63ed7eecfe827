"""What the same questions meet at one account, without a router: asked, and counted."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from freetier.demo.fronts import FRONTS, Front
from freetier.testing import Fleet

TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Alone:
    """What became of the questions at one account.

    Attributes:
        answered: Calls that were answered.
        refused: Calls that met a 429.
        failed: Calls that met anything else.
    """

    answered: int
    refused: int
    failed: int


def measure(fleet: Fleet, asked: Sequence[str]) -> dict[str, Alone]:
    """Ask each front's second account, one question after the other; return the counts.

    The second account has the limits of the first and is not known to the router. Answers are
    bounded to one token, since only the statuses count.

    Returns:
        By the account that the router has at the same front.
    """
    return {front.account: _measured(fleet, front, asked) for front in FRONTS}


def _measured(fleet: Fleet, front: Front, asked: Sequence[str]) -> Alone:
    address = urlsplit(fleet.url(front.provider))
    connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT)
    headers = {
        "authorization": f"Bearer {fleet.key(front.alone)}",
        "content-type": "application/json",
    }
    statuses = []
    try:
        for question in asked:
            body = {
                "model": front.model,
                "messages": [{"role": "user", "content": question}],
                "max_tokens": 1,
            }
            path = f"{address.path}/chat/completions"
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
    finally:
        connection.close()
    answered = statuses.count(http.client.OK)
    refused = statuses.count(http.client.TOO_MANY_REQUESTS)
    return Alone(answered, refused, len(statuses) - answered - refused)

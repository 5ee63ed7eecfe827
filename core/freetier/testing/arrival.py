"""Reading a request as a provider does: path, key, body, model, in this order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from freetier.testing.accounts import FakeAccount, FakeModel
from freetier.testing.jsons import Json
from freetier.testing.rejection import Rejection, bad
from freetier.testing.replies import Incoming

Route = Literal["chat", "embeddings", "models", "none"]
ROUTES: Mapping[tuple[str, str], Route] = {
    ("POST", "/chat/completions"): "chat",
    ("POST", "/embeddings"): "embeddings",
    ("GET", "/models"): "models",
}
STRANGER = FakeAccount(label="", key=None)


@dataclass(slots=True, kw_only=True)
class Call:
    """A request as far as it could be read.

    Attributes:
        number: of the request at this provider, from 1.
        at: the instant of its arrival.
        route: what it is for.
        account: whose it is; `STRANGER` if the key belongs to nobody.
        body: its JSON; empty if it is not an object.
        model: the model it names; empty if it names none.
        key: what it showed; empty if nothing.
        streams: whether its path asks for a stream.
    """

    number: int
    at: float
    route: Route
    account: FakeAccount
    incoming: Incoming
    body: Json = field(default_factory=dict)
    model: str = ""
    key: str = field(default="", repr=False)
    streams: bool = False

    @property
    def stream(self) -> bool:
        """Whether it asks for a stream."""
        return self.route == "chat" and (self.streams or self.body.get("stream") is True)

    @property
    def facts(self) -> Json:
        """What templates of errors may name."""
        return {
            "model": self.model,
            "path": self.incoming.path,
            "method": self.incoming.method,
            "request_id": f"req_{self.number:08d}",
            "masked": masked(self.key),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a language finds in a request: what it is for, whose it is, which model."""

    route: Route
    key: str = field(repr=False)
    body: Json
    model: str
    streams: bool = False


Hear = Callable[[Incoming], Heard]


def hear(incoming: Incoming) -> Heard:
    """Read a request in OpenAI's language; nothing is refused yet."""
    body = json_object(incoming.body)
    model = body.get("model")
    return Heard(
        route=route_of(incoming.method, incoming.path),
        key=shown_key(incoming.headers),
        body=body,
        model=model if isinstance(model, str) else "",
    )


class Register:
    """The accounts of a provider by key, and its models by id."""

    def __init__(
        self,
        accounts: Iterable[FakeAccount],
        models: Iterable[FakeModel] | None,
        hear: Hear = hear,
    ) -> None:
        self._hear = hear
        self.accounts = {account.label: account for account in accounts}
        self._by_key = {account.key: account for account in self.accounts.values()}
        self.models = None if models is None else {model.id: model for model in models}

    def read(self, incoming: Incoming, number: int, at: float) -> Call:
        """Return what a request seems to be; nothing is refused yet."""
        heard = self._hear(incoming)
        return Call(
            number=number,
            at=at,
            route=heard.route,
            account=self._by_key.get(heard.key, self._by_key.get(None, STRANGER)),
            incoming=incoming,
            body=heard.body,
            model=heard.model,
            key=heard.key,
            streams=heard.streams,
        )

    def check_access(self, call: Call) -> None:
        """Refuse an unknown path or key, and a body that is no JSON.

        Raises:
            Rejection: with the kind `no_route`, `no_key`, `bad_key` or `bad_request`.
        """
        if call.route == "none":
            raise Rejection("no_route", "unknown path")
        if call.account is STRANGER:
            kind = "bad_key" if call.key else "no_key"
            raise Rejection(kind, "wrong key" if call.key else "no key")
        if call.route != "models" and not call.body:
            raise bad("body", "is no JSON object, or an empty one")

    def model(self, call: Call) -> FakeModel:
        """Return the model that a request names.

        Raises:
            Rejection: with the kind `bad_request`, `no_model` or `gone`.
        """
        if not call.model:
            raise bad("model", "must be a text")
        allowed = call.account.models
        known = FakeModel(call.model) if self.models is None else self.models.get(call.model)
        if known is None or (allowed is not None and known.id not in allowed):
            raise Rejection("no_model", f"unknown model {call.model}")
        if known.gone:
            raise Rejection("gone", f"model {call.model} is gone")
        return known

    def listed(self, account: FakeAccount) -> list[FakeModel]:
        """Return the models that an account may use; none if any name will do."""
        alive = [m for m in (self.models or {}).values() if not m.gone]
        return [m for m in alive if account.models is None or m.id in account.models]


@lru_cache(maxsize=1024)
def route_of(method: str, path: str) -> Route:
    """Return what a method and a path are for; what stands before the last words is ignored."""
    path = path.partition("?")[0].rstrip("/")
    routes = (
        route for (verb, end), route in ROUTES.items() if verb == method and path.endswith(end)
    )
    return next(routes, "none")


def shown_key(headers: Mapping[str, str]) -> str:
    """Return the bearer key of a request; empty if there is none."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def json_object(body: bytes) -> Json:
    """Return a body's JSON object; empty if it is something else."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def masked(key: str) -> str:
    """Return a key as vendors echo it: its ends only."""
    return f"{key[:3]}****{key[-2:]}" if len(key) > 2 * len("sk-") else "****"

"""The key of one account: where it comes from, and that it can be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from freetier.config.expansion import Composed, FromVariable
from freetier.config.places import Place, listed
from freetier.values.accounts import Secret
from freetier.values.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key and its origin.

    Attributes:
        secret: The key itself; empty if there is none.
        variable: The variable it is the whole value of.
        literal: Whether it stands in the user's file in plain sight.
    """

    secret: Secret = field(default_factory=lambda: Secret(""), repr=False)
    variable: str | None = None
    literal: bool = False


def written_key(value: object, place: Place, label: str) -> Key | None:
    """Return the key that a user wrote, or `None` if there is none.

    Raises:
        ConfigError: It is empty, no text, or holds what no header can carry.
    """
    if value is None:
        return None
    if isinstance(value, Secret):
        return Key(secret=_sendable(value.reveal(), place), literal=False)
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise place.error("must be text; put it in quotes")
    variable = value.variable if isinstance(value, FromVariable) else None
    if not str(value).strip():
        reason = f"the variable {variable} is empty" if variable else "the key is empty"
        raise place.error(f"{reason} (account {label!r})")
    literal = not isinstance(value, (FromVariable, Composed))
    return Key(secret=_sendable(str(value), place), variable=variable, literal=literal)


def inherited_key(provider: Provider, environ: Mapping[str, str]) -> Key | None:
    """Return the key in the provider's own variables; never another provider's."""
    for variable in provider.key_env:
        value = environ.get(variable, "").strip()
        if value:
            return Key(secret=_sendable(value, Place(variable)), variable=variable)
    return None


def missing_key(provider: Provider, label: str) -> str:
    """Return what to say of an account without a key."""
    wanted = "write it here"
    if provider.key_env:
        wanted += f" or set {listed(provider.key_env)}"
    page = f"; a key is made at {provider.key_page}" if provider.key_page else ""
    return f"account {label!r} has no key: {wanted}{page}"


def _sendable(value: str, place: Place) -> Secret:
    key = value.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise place.error("the key holds a blank or a character that no header can carry")
    return Secret(key)

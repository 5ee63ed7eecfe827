"""One source of configuration (a file, or the arguments), read and checked by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from freetier.config.checking import check
from freetier.config.expansion import expand
from freetier.config.ladders import Ladder, read_ladders
from freetier.config.places import Place
from freetier.config.schema import AccountEntry, Document
from freetier.config.settings import Settings, read_settings

DEFAULTS = ("default_model", "default_embedding_model")
ACCOUNTS = ("accounts", "providers")  # each entry is expanded by itself, to name its account


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One account as written.

    Attributes:
        place: Where it stands.
        provider: The provider as the user calls it.
        label: What errors call it before it has an id.
        content: The rest; `None` if the account is switched off.
        older: Whether it is an entry of the older JSON shape.
    """

    place: Place
    provider: str
    label: str
    content: AccountEntry | None
    older: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProvider:
    """A provider of the user's own in the format of the catalog's files."""

    place: Place
    name: str
    mapping: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one source says, or several together; `None` means that it does not speak of it.

    Attributes:
        settings: See `settings.py`.
        defaults: Names of default models and where they stand, by their fields of `Setup`.
        entries: Accounts.
        own: Providers of the user's own.
        ladders: Aliases.
        warnings: What does less than it seems.
    """

    settings: Settings
    defaults: Mapping[str, tuple[str, Place]]
    entries: tuple[Entry, ...] | None
    own: tuple[OwnProvider, ...]
    ladders: tuple[Ladder, ...] | None
    warnings: tuple[str, ...]


def read_layer(tree: Mapping[str, Any], where: str, environ: Mapping[str, str]) -> Layer:
    """Return what a tree of mappings, lists and scalars says.

    Args:
        tree: In our own shape or in that of either earlier system.
        where: The file or what else it is, for errors.
        environ: Variables for `${NAME}`.

    Raises:
        ConfigError: The first thing that is wrong.
    """
    place = Place(where, tree=tree)
    expanded = {
        key: value if key in ACCOUNTS else expand(value, environ, place.at(str(key)))
        for key, value in tree.items()
    }
    document = check(Document, expanded, place)
    settings, warnings = read_settings(document, place)
    older, own = _providers(document.providers, place.at("providers"), environ)
    entries = older
    if "accounts" in document.model_fields_set:
        listed = _accounts(document.accounts, place.at("accounts"), environ)
        entries = (*listed, *(older or ()))
    if entries is not None and not entries:
        raise place.at("accounts").error(
            "no account is written down: write one, such as `- provider: groq`, "
            "or leave `accounts` out, so that the keys in the environment count"
        )
    ladders, shadowed = read_ladders(document, place)
    names = {key: getattr(document, key) for key in DEFAULTS}
    return Layer(
        settings=settings,
        defaults={key: (name, place.at(key)) for key, name in names.items() if name},
        entries=entries,
        own=own,
        ladders=ladders,
        warnings=(*warnings, *shadowed),
    )


def combined(layers: Sequence[Layer]) -> Layer:
    """Return what sources say together; the first that speaks of something holds.

    Accounts, own providers and aliases are each taken whole from one source.
    """
    settings: dict[str, Any] = {}
    defaults: dict[str, tuple[str, Place]] = {}
    for layer in reversed(layers):
        settings |= layer.settings
        defaults |= layer.defaults
    return Layer(
        settings=settings,
        defaults=defaults,
        entries=next((x.entries for x in layers if x.entries is not None), None),
        own=next((x.own for x in layers if x.own), ()),
        ladders=next((x.ladders for x in layers if x.ladders is not None), None),
        warnings=tuple(warning for layer in layers for warning in layer.warnings),
    )


def _accounts(value: Any, place: Place, environ: Mapping[str, str]) -> tuple[Entry, ...]:  # noqa: ANN401
    if value is not None and not isinstance(value, (list, tuple)):
        raise place.error("must be a list of accounts")
    return tuple(
        _entry(item, place.at(index), environ, older=False)
        for index, item in enumerate(value or ())
    )


def _providers(
    value: Any,  # noqa: ANN401
    place: Place,
    environ: Mapping[str, str],
) -> tuple[tuple[Entry, ...] | None, tuple[OwnProvider, ...]]:
    """Return the accounts of the older shape (`None`: it is not used), and own providers."""
    if isinstance(value, Mapping):
        items = [
            (place.at(str(k)), {"name": k, **_mapping(v, place.at(str(k)))})
            for k, v in value.items()
        ]
        return None, tuple(_own(item, there, environ) for there, item in items)
    if value is not None and not isinstance(value, (list, tuple)):
        raise place.error("must be a list, or a mapping of names to providers")
    older, own = [], []
    for index, item in enumerate(value or ()):
        there = place.at(index)
        if "name" in _mapping(item, there):
            own.append(_own(item, there, environ))
        else:
            older.append(_entry(item, there, environ, older=True))
    return (tuple(older) if older or value in ([], ()) else None), tuple(own)


def _own(item: Mapping[str, Any], place: Place, environ: Mapping[str, str]) -> OwnProvider:
    mapping = expand(item, environ, place, f"provider {item['name']!r}")
    if not isinstance(mapping["name"], str):
        raise place.at("name").error("must be text; put it in quotes")
    return OwnProvider(place=place, name=mapping["name"], mapping=mapping)


def _entry(item: Any, place: Place, environ: Mapping[str, str], *, older: bool) -> Entry:  # noqa: ANN401
    raw = _mapping(item, place)
    key = "type" if older else "provider"
    name = raw.get(key)
    if name is None:
        raise place.at(key).error("is missing")
    label = str(raw.get("id") or name)
    enabled = expand(raw.get("enabled", True), environ, place.at("enabled"))
    content = None
    if check(AccountEntry, {"enabled": enabled}, place).enabled:
        content = check(AccountEntry, expand(raw, environ, place, f"account {label!r}"), place)
        name, label = content.type or content.provider, content.id or label
        if content.type and content.provider:
            raise place.at("type").error("says the same as `provider`; write one of them")
    return Entry(place=place, provider=str(name), label=label, content=content, older=older)


def _mapping(value: Any, place: Place) -> Mapping[str, Any]:  # noqa: ANN401
    if not isinstance(value, Mapping):
        raise place.error("must be a mapping of keys to values")
    return value

"""The accounts of one source: who takes part, under which id, and who is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from freetier.config.accounts import join
from freetier.config.aliases import Served
from freetier.config.known import Providers
from freetier.config.layers import Entry
from freetier.config.own import refuse_details, written_models
from freetier.config.places import Place, quoted
from freetier.config.schema import AccountEntry
from freetier.values.providers import Provider


def members(
    entries: Sequence[Entry], providers: Providers, environ: Mapping[str, str]
) -> tuple[Served, list[str]]:
    """Return who serves, and warnings on who is left out.

    Accounts that are switched off, and those of a provider that is gone, are left out.

    Raises:
        ConfigError: A provider is unknown, two accounts have one id, one of them cannot be
            used, or nobody is left.
    """
    active: list[tuple[Entry, AccountEntry]] = []
    warnings: list[str] = []
    for entry in entries:
        if entry.content is None:
            continue
        provider = _provider(entry, providers)
        if provider.status == "retired" and not entry.content.base_url:
            warnings.append(f"account {entry.label!r} takes no part: {_gone(provider)}")
            continue
        _declare_models(entry, entry.content, provider, providers)
        active.append((entry, entry.content))
    if not active:
        reason = "; ".join(warnings) or "every account is switched off"
        raise _common(entries).error(f"no account takes part: {reason}")
    names = _ids(active, providers)
    joined = tuple(
        join(content, name, _provider(entry, providers), environ, entry.place)
        for (entry, content), name in zip(active, names, strict=True)
    )
    taking_part = [entry for entry, _ in active]
    left_out = _labels((entry for entry in entries if entry not in taking_part), providers)
    return Served(joined=joined, left_out=left_out, providers=providers), warnings


def _provider(entry: Entry, providers: Providers) -> Provider:
    provider = providers.named(entry.provider)
    if provider is None:
        key = "type" if entry.older else "provider"
        raise providers.unknown(entry.provider, entry.place.at(key))
    return provider


def _declare_models(
    entry: Entry, content: AccountEntry, provider: Provider, providers: Providers
) -> None:
    if providers.is_own(provider) or provider.status == "local":
        providers.add_models(provider, written_models(content, entry.place))
    else:
        refuse_details(content, provider, entry.place)


def _ids(active: Sequence[tuple[Entry, AccountEntry]], providers: Providers) -> list[str]:
    """Return an id for each account; without one it is `groq`, `groq-2`, ..."""
    taken: set[str] = set()
    for entry, content in active:
        if content.id:
            _check_id(content.id, taken, entry.place.at("id"))
            taken.add(content.id)
    names = []
    for entry, content in active:
        stem = providers.canonical(entry.provider) or entry.provider
        names.append(content.id or _free_id(stem, taken))
        taken.add(names[-1])
    return names


def _check_id(name: str, taken: set[str], place: Place) -> None:
    if name in taken:
        raise place.error(f"two accounts have the id {quoted(name)}")
    if "/" in name or not name.isprintable() or not name.strip() or name != name.strip():
        raise place.error("an id holds no '/', no line end, and no blank at its ends")


def _free_id(stem: str, taken: set[str]) -> str:
    numbered = (f"{stem}-{n}" for n in range(2, len(taken) + 3))
    return stem if stem not in taken else next(name for name in numbered if name not in taken)


def _gone(provider: Provider) -> str:
    since = f" since {provider.gone_since}" if provider.gone_since else ""
    instead = f"; use {provider.replaced_by} instead" if provider.replaced_by else ""
    return f"{provider.title} is gone{since}{instead}"


def _labels(entries: Iterable[Entry], providers: Providers) -> frozenset[str]:
    names = ((e.label, e.provider, providers.canonical(e.provider)) for e in entries)
    return frozenset(name for several in names for name in several if name is not None)


def _common(entries: Sequence[Entry]) -> Place:
    key = "providers" if entries[0].older else "accounts"
    return Place(entries[0].place.where, key)

"""One written account becomes an `Account`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from freetier.config.durations import seconds
from freetier.config.joined import Joined
from freetier.config.keys import Key, inherited_key, missing_key, written_key
from freetier.config.limits import account_limits, model_limits
from freetier.config.money import declared_free, prices
from freetier.config.places import Place
from freetier.config.reading import home_path
from freetier.config.schema import AccountEntry
from freetier.config.urls import checked_url, home_url, is_loopback, origin
from freetier.values.accounts import Account
from freetier.values.providers import Provider

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
PROXIES = ("http://", "https://", "socks5://", "socks5h://")


def join(
    entry: AccountEntry, name: str, provider: Provider, environ: Mapping[str, str], place: Place
) -> Joined:
    """Return the account that a user wrote.

    Args:
        entry: What was written, checked key by key.
        name: Its id.
        provider: Whose it is.
        environ: Where a key may be that was not written.
        place: Where it stands.

    Raises:
        ConfigError: Key, URL, limits, prices or a header cannot be used.
    """
    base_url = _base_url(entry, provider, environ, place.at("base_url"))
    key, price = _key(entry, name, provider, base_url, environ, place), prices(entry)
    account = Account(
        id=name,
        provider=provider.name,
        secret=key.secret,
        secret_env=key.variable,
        base_url=base_url,
        pool=entry.pool,
        priority=entry.priority,
        free=declared_free(entry, price, provider, base_url, place),
        limits=account_limits(entry, provider, place),
        model_limits=model_limits(entry, provider, place),
        paid_enabled=entry.paid_enabled,
        prices=price,
        max_daily_spend=entry.max_daily_spend or None,
        timeout=_timeout(entry, place),
        max_concurrency=entry.max_concurrency,
        models=_allowed(entry),
        headers=_headers(entry.headers, place.at("headers")),
        proxy=_proxy(entry.proxy, place.at("proxy")),
        ca_file=_ca_file(entry.ca_file, place.at("ca_file")),
    )
    idle = _idle(entry, name)
    return Joined(account=account, provider=provider, literal=key.literal, warnings=idle)


def _base_url(
    entry: AccountEntry, provider: Provider, environ: Mapping[str, str], place: Place
) -> str:
    if entry.base_url:
        return checked_url(entry.base_url, place)
    return home_url(provider, environ, place)


def _key(
    entry: AccountEntry,
    name: str,
    provider: Provider,
    base_url: str,
    environ: Mapping[str, str],
    place: Place,
) -> Key:
    auth = entry.auth.api_key if entry.auth else None
    if auth is not None and entry.api_key is not None:
        raise place.at("api_key").error("is given twice: here and as auth.api_key")
    flat = auth is None and (entry.api_key is not None or entry.type is not None)
    there = place.at("api_key") if flat else place.at("auth", "api_key")
    key = written_key(entry.api_key if auth is None else auth, there, name)
    at_home = not entry.base_url or origin(base_url) == origin(provider.base_url)
    if key is None and at_home:
        key = inherited_key(provider, environ)
    if key is not None:
        return key
    if provider.keyless or provider.status in {"local", "own"} or is_loopback(base_url):
        return Key()
    if not at_home:
        raise there.error(
            f"account {name!r} has no key: a key from the environment is sent to its own "
            "provider only; write it here"
        )
    raise there.error(missing_key(provider, name))


def _timeout(entry: AccountEntry, place: Place) -> float | None:
    key = "timeout" if entry.timeout is not None else "attempt_timeout"
    written = getattr(entry, key)
    return (seconds(written, place.at(key)) or None) if written is not None else None


def _allowed(entry: AccountEntry) -> tuple[str, ...]:
    return tuple(item if isinstance(item, str) else str(item["id"]) for item in entry.models)


def _headers(headers: Mapping[str, str], place: Place) -> tuple[tuple[str, str], ...]:
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name):
            raise place.at(name).error("is no name of a header")
        if not value.isascii() or not value.replace("\t", " ").isprintable():
            raise place.at(name).error("holds a character that no header can carry")
    return tuple(headers.items())


def _proxy(proxy: str | None, place: Place) -> str | None:
    if proxy is not None and not proxy.startswith(PROXIES):
        raise place.error("must be a URL such as http://host:8080")
    return proxy


def _ca_file(path: str | None, place: Place) -> str | None:
    if path is None:
        return None
    file = home_path(path)
    if not file.is_file():
        raise place.error("there is no such file")
    return str(file)


def _idle(entry: AccountEntry, name: str) -> tuple[str, ...]:
    warnings = []
    if entry.is_free_credits is not None:
        warnings.append(f"account {name!r}: isFreeCredits does nothing; the catalog knows")
    if entry.max_daily_spend == 0:
        warnings.append(
            f"account {name!r}: max_daily_spend is 0, which means no cap; "
            "leave out paid_enabled to spend nothing"
        )
    return tuple(warnings)

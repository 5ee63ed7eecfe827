"""Base URLs: checked, without a trailing slash, and their blanks filled from variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlsplit

from freetier.config.places import Place
from freetier.values.providers import Provider

BLANK = re.compile(r"\{([a-z_]+)\}")


def checked_url(text: str, place: Place) -> str:
    """Return a base URL without its trailing slash.

    Raises:
        ConfigError: It is no http or https URL, or holds a password, a query or a fragment.
    """
    parts = _split(text, place)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise place.error("must be a URL such as https://host/v1")
    if parts.username is not None or parts.password is not None:
        raise place.error("a URL may hold no user name or password; write auth.api_key")
    if parts.query or parts.fragment:
        raise place.error("a base URL ends before '?' and '#'")
    return text.strip().rstrip("/")


def _split(text: str, place: Place) -> SplitResult:
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        parts = None
    if parts is None or not text.strip().isprintable() or " " in text.strip():
        raise place.error("must be a URL such as https://host/v1")
    return parts


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine."""
    host = (urlsplit(url).hostname or "").casefold().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    import ipaddress  # noqa: PLC0415 - only for hosts that are not named

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port: what a key may be sent to."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default


def home_url(provider: Provider, environ: Mapping[str, str], place: Place) -> str:
    """Return where a catalog provider is: the catalog's URL with its blanks filled.

    A blank `{account_id}` of `x` is filled from `X_ACCOUNT_ID`; a local server `x` is where
    `X_HOST` says, if that is set.

    Raises:
        ConfigError: A variable it needs is not set, or names no host.
    """
    host = environ.get(host_variable(provider.name), "").strip()
    if provider.status == "local" and host:
        return server_url(host, provider.base_url, Place(host_variable(provider.name)))

    def value(found: re.Match[str]) -> str:
        variable = _variable(provider.name, found[1])
        given = environ.get(variable, "").strip()
        if not given:
            told = f"the variable {variable} is not set; the URL of {provider.name} needs it"
            raise place.error(told)
        return quote(given, safe="")

    return BLANK.sub(value, provider.base_url)


def host_variable(provider: str) -> str:
    """Return the variable that says where a local server is, for example `OLLAMA_HOST`."""
    return _variable(provider, "host")


def server_url(given: str, default: str, place: Place) -> str:
    """Return the base URL of a local server from a host variable.

    Args:
        given: As such servers take it: `host`, `host:port`, `:port` or a URL.
        default: The catalog's base URL, for what is not given.
        place: The variable.

    Raises:
        ConfigError: It is no host.
    """
    usual = urlsplit(default)
    text = given.strip()
    if "://" not in text:
        text = f"{usual.scheme}://{'localhost' if text.startswith(':') else ''}{text}"
    parts = _split(text, place)
    if not parts.hostname:
        raise place.error("must name a host, such as localhost:11434")
    host = "localhost" if parts.hostname in {"0.0.0.0", "::"} else parts.hostname  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    port = parts.port or (usual.port if parts.scheme == usual.scheme else None)
    path = parts.path.rstrip("/") or usual.path
    return checked_url(f"{parts.scheme}://{host}{f':{port}' if port else ''}{path}", place)


def _variable(provider: str, name: str) -> str:
    return f"{provider}_{name}".upper().replace("-", "_")

"""The environment: the only place that reads `os.environ`, and the accounts found in it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from freetier.config.joined import Joined
from freetier.config.keys import inherited_key
from freetier.config.known import Providers
from freetier.config.places import Place
from freetier.config.port import Catalog
from freetier.config.sources import Sources
from freetier.config.urls import home_url, host_variable, is_loopback
from freetier.errors import ConfigError, NoAccount
from freetier.values.accounts import Account, Secret
from freetier.values.providers import Provider

ENVIRONMENT = Place("environment")
NAMED = 6
"""Variables that are named to somebody who has none; they stand in the order of what they give."""


def environment() -> Mapping[str, str]:
    """Return a copy of the variables of this process."""
    return dict(os.environ)


def found_accounts(
    sources: Sources, providers: Providers
) -> tuple[tuple[Joined, ...], tuple[str, ...]]:
    """Return one account for each provider whose variable is set, and warnings.

    A local server joins when its host variable (`OLLAMA_HOST`) is set. A provider whose URL
    lacks a variable is left out with a warning, since its key may be there for other programs.

    Args:
        sources: The variables, and which there may be.
        providers: Whose they are.

    Raises:
        ConfigError: There is none, and no embedder either; the message names the variables that
            would do.
    """
    environ = sources.environ
    joined, warnings = [], []
    for name, variables in sources.catalog.key_variables().items():
        if not any(environ.get(v, "").strip() for v in (*variables, host_variable(name))):
            continue
        provider = providers.named(name)
        if provider is None or not _joins(provider, environ, variables):
            continue
        try:
            joined.append(_joined(provider, environ))
        except ConfigError as error:
            warnings.append(f"{name} takes no part: {error}")
    if not joined and not sources.embedders:
        raise _nobody(sources.catalog, warnings, str(sources.file) if sources.file else None)
    return tuple(joined), tuple(warnings)


def _joins(provider: Provider, environ: Mapping[str, str], variables: tuple[str, ...]) -> bool:
    """Tell whether the variables that are set bring the provider in."""
    return provider.status == "local" or any(environ.get(v, "").strip() for v in variables)


def _joined(provider: Provider, environ: Mapping[str, str]) -> Joined:
    key = inherited_key(provider, environ)
    base_url = home_url(provider, environ, ENVIRONMENT)
    account = Account(
        id=provider.name,
        provider=provider.name,
        secret=key.secret if key else Secret(""),
        secret_env=key.variable if key else None,
        base_url=base_url,
        free=True if is_loopback(base_url) else None,
    )
    return Joined(account=account, provider=provider)


def _nobody(catalog: Catalog, warnings: list[str], file: str | None) -> ConfigError:
    variables = [several[0] for several in catalog.key_variables().values() if several]
    named, more = variables[:NAMED], len(variables) - NAMED
    others = f" or that of {more} others (`freetier init` lists them)" if more > 0 else ""
    said, wanted = "; ".join([*warnings, "no account"]), f"set one of {', '.join(named)}{others}"
    if file is not None:
        return Place(file, "accounts").error(
            f"no account is written down, and the environment has none either ({said}): "
            f"write one, or {wanted}"
        )
    return NoAccount(
        f"{said}: {wanted}; or write accounts into a file and name it in FREETIER_CONFIG",
        where=ENVIRONMENT.where,
    )

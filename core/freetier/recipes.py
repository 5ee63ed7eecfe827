"""How a router is made again elsewhere: from its configuration, never from keys."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freetier.errors import ConfigError
from freetier.values.setup import Setup

if TYPE_CHECKING:
    from freetier.engine import Engine


@dataclass(frozen=True, slots=True)
class Portable:
    """A configuration that may travel to another process."""

    config: Any
    fields: dict[str, Any]
    memory: bool

    def rebuild(self, router: Any) -> Any:
        """Make the router anew."""
        if self.memory:
            warnings.warn(
                "this router keeps its quota in memory, so each process counts alone; "
                "configure a store that processes can share",
                stacklevel=3,
            )
        return router(self.config, **self.fields)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a router was made from.

    Attributes:
        config: A file, a mapping, a setup, or None for the environment.
        fields: Fields that win over it.
        environ: Variables, if not the process's.
        spoken: Names of wire languages that the user brought.
        embedders: Models that functions of the user's own stand for; with some of them the
            router can do without any account.
    """

    config: Any = field(repr=False)
    fields: dict[str, Any] = field(repr=False)
    environ: Mapping[str, str] | None = field(repr=False)
    spoken: Sequence[str] = ()
    embedders: Sequence[str] = ()

    def setup(self) -> Setup:
        """Return the configuration, checked and merged."""
        from freetier import config as load  # noqa: PLC0415 - a finished setup needs none
        from freetier.dialects import DIALECTS  # noqa: PLC0415

        if isinstance(self.config, Setup):
            return self.config
        environ = load.environment() if self.environ is None else self.environ
        given: dict[str, Any] = {
            "arguments": self.fields,
            "dialects": {*DIALECTS, *self.spoken},
            "embedders": self.embedders,
        }
        if isinstance(self.config, Mapping):
            return load.load_mapping(self.config, environ, **given)
        if self.config is None:
            return load.load_env(environ, **given)
        return load.load_file(Path(self.config), environ, **given)

    def portable(self, engine: Engine) -> Portable:
        """Return what may travel; raises `ConfigError` naming what may not."""
        parts = engine.parts
        own = ("store", "transport", "clock", "dialects", "embedders", "listeners")
        held = [name for name in own if getattr(parts, name)]
        if parts.strategy is not None and not isinstance(parts.strategy, str):
            held.append("strategy")
        if held:
            raise ConfigError(f"a router with its own {held[0]} cannot be pickled", where=held[0])
        if isinstance(self.config, Setup) or self.environ is not None:
            raise ConfigError(
                "only a router made from a file, a mapping or the process's environment can be "
                "pickled",
                where="config" if isinstance(self.config, Setup) else "environ",
            )
        for account in engine.setup.accounts:
            if account.secret and account.secret_env is None and not _from_file(self.config):
                raise ConfigError(
                    f"the key of account {account.id!r} is written out; name a variable, "
                    "${NAME}, so that the router can be pickled without it",
                    where="accounts",
                    path="auth.api_key",
                )
        memory = engine.setup.store == "memory"
        return Portable(self.config, self.fields, memory)


def _from_file(config: Any) -> bool:
    return isinstance(config, str | Path)

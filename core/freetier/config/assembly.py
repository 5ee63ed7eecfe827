"""What a file and arguments say becomes one `Setup`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from freetier.config.aliases import Served, user_aliases
from freetier.config.known import Providers
from freetier.config.ladders import Ladder
from freetier.config.layers import Layer, combined
from freetier.config.members import members
from freetier.config.names import Names
from freetier.config.outcome import setup_of
from freetier.config.own import own_providers
from freetier.config.places import Place
from freetier.config.reading import readable_by_others
from freetier.config.sources import Sources
from freetier.config.variables import found_accounts
from freetier.values.accounts import Step
from freetier.values.setup import Setup


def assemble(layers: Sequence[Layer], sources: Sources, origin: str) -> Setup:
    """Return the configuration of several sources.

    Args:
        layers: The strongest first; if none has accounts, those of the environment take part.
        sources: Variables and catalog.
        origin: Where it came from.

    Raises:
        ConfigError: The first thing that does not fit together.
    """
    layer = combined(layers)
    own = own_providers(layer, sources.catalog)
    providers = Providers(sources.catalog, sources.dialects, own)
    served, left_out = _served(layer, providers, sources)
    ladders = layer.ladders or ()
    aliases, dropped = user_aliases(ladders, served)
    shipped = {alias.name: alias for alias in sources.catalog.shipped_aliases()}
    every = aliases | {name: alias for name, alias in shipped.items() if name not in aliases}
    names = Names(every, served.joined, providers, sources.embedders)
    doubts = _check_names(layer, ladders, names, strict=not served.left_out)
    settings = dict(layer.settings) | {key: name for key, (name, _) in layer.defaults.items()}
    if any(entry.older for entry in layer.entries or ()):
        settings.setdefault("strategy", "priority")
    warnings = (*layer.warnings, *left_out, *dropped, *doubts)
    return setup_of(served.joined, every, settings, warnings, origin)


def _served(layer: Layer, providers: Providers, sources: Sources) -> tuple[Served, Sequence[str]]:
    if layer.entries is None:
        joined, warnings = found_accounts(sources, providers)
        return Served(joined=joined, left_out=frozenset(), providers=providers), warnings
    served, told = members(layer.entries, providers, sources.environ)
    file = sources.file
    if file is None or not any(item.literal for item in served.joined):
        return served, told
    if layer.entries[0].place.where == str(file) and readable_by_others(file):
        told = [*told, f"{file} holds keys and others may read it: chmod 600 {file}"]
    return served, told


def _check_names(
    layer: Layer, ladders: Sequence[Ladder], names: Names, *, strict: bool
) -> list[str]:
    """Return warnings on withdrawn models, and on unknown ones unless `strict`.

    An account that takes no part may be the one that knows them.
    """
    warnings = []
    defaults = [(Step(model=name), place) for name, place in layer.defaults.values()]
    for step, place in (*_steps(ladders), *defaults):
        is_pinned = step.provider is not None or step.account is not None
        error = None if is_pinned else names.unknown(step.model, place)
        if error is not None and strict:
            raise error
        warnings += [str(error)] if error else []
        warnings += names.withdrawn(step)
    return warnings


def _steps(ladders: Sequence[Ladder]) -> Iterator[tuple[Step, Place]]:
    for ladder in ladders:
        yield from zip(ladder.alias.steps, ladder.places, strict=True)

"""The user's aliases against the accounts: every step leads somewhere, and none in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from freetier.config.joined import Joined
from freetier.config.known import Providers
from freetier.config.ladders import Ladder
from freetier.config.places import Place, listed, nearest, quoted
from freetier.values.accounts import Alias, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Who serves in a configuration.

    Attributes:
        joined: The accounts that take part.
        left_out: Labels and providers of accounts that were written down and do not.
        providers: What the names of providers mean.
    """

    joined: Sequence[Joined]
    left_out: frozenset[str]
    providers: Providers

    def account(self, name: str) -> Joined | None:
        """Return the account with an id."""
        return next((item for item in self.joined if item.account.id == name), None)

    def serves(self, provider: str | None) -> bool:
        """Tell whether an account of a provider takes part."""
        return any(item.provider.name == provider for item in self.joined)


def user_aliases(ladders: Sequence[Ladder], served: Served) -> tuple[dict[str, Alias], list[str]]:
    """Return aliases by name, and warnings on steps that are left out.

    Raises:
        ConfigError: A step names a provider or account that nobody serves, a whole ladder
            is left out, or aliases name each other in a circle.
    """
    aliases: dict[str, Alias] = {}
    places: dict[str, Place] = {}
    warnings: list[str] = []
    for ladder in ladders:
        steps = []
        for step, place in zip(ladder.alias.steps, ladder.places, strict=True):
            kept = _step(step, place, served)
            steps += [kept] if kept else []
            warnings += [] if kept else [f"{place.path} is not used: its account takes no part"]
        name = ladder.alias.name
        if not steps:
            raise ladder.place.error(f"no account takes part that serves the alias {quoted(name)}")
        aliases[name], places[name] = replace(ladder.alias, steps=tuple(steps)), ladder.place
    refuse_circles(aliases, places)
    return aliases, warnings


def refuse_circles(aliases: Mapping[str, Alias], places: Mapping[str, Place]) -> None:
    """Raise if an alias leads back to itself.

    Raises:
        ConfigError: With the whole circle.
    """
    done: set[str] = set()
    for name in aliases:
        path: list[tuple[str, Iterator[str]]] = [(name, iter(_named(aliases, name)))]
        while path:
            following = next(path[-1][1], None)
            names = [step for step, _ in path]
            if following is None:
                done.add(path.pop()[0])
            elif following in names:
                circle = " -> ".join([*names[names.index(following) :], following])
                raise places[following].error(f"aliases in a circle: {circle}")
            elif following not in done:
                path.append((following, iter(_named(aliases, following))))


def _named(aliases: Mapping[str, Alias], name: str) -> list[str]:
    steps = aliases[name].steps
    return [s.model for s in steps if s.model in aliases and not s.provider and not s.account]


def _step(step: Step, place: Place, served: Served) -> Step | None:
    """Return the step with the provider's own name; `None` if its account takes no part."""
    if step.account is not None:
        return _of_account(step, step.account, place, served)
    if step.provider is None:
        return step
    canonical = served.providers.canonical(step.provider)
    if served.serves(canonical):
        return replace(step, provider=canonical)
    if served.left_out & {step.provider, canonical}:
        return None
    if canonical is None:
        raise served.providers.unknown(step.provider, place.at("provider"))
    raise place.at("provider").error(f"no account serves {quoted(step.provider)}{_serving(served)}")


def _of_account(step: Step, name: str, place: Place, served: Served) -> Step | None:
    item = served.account(name)
    if item is None and name in served.left_out:
        return None
    if item is None:
        names = [other.account.id for other in served.joined]
        hint = nearest(name, names) or f"; there are {listed(names)}"
        raise place.at("account").error(f"there is no account {quoted(name)}{hint}")
    if step.provider and served.providers.canonical(step.provider) != item.provider.name:
        raise place.at("provider").error(f"the account {name!r} is of {item.provider.name}")
    return replace(step, provider=item.provider.name)


def _serving(served: Served) -> str:
    return f"; there are accounts of {listed({item.provider.name for item in served.joined})}"

"""Who may use a fake provider, and which models it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from freetier.testing.limits import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeAccount:
    """An account of a fake provider.

    Args:
        label: its name in the books and in scripts; unique in a fleet.
        key: what it shows; None = anybody without a known key is this account.
        pool: accounts with the same pool share limits of that scope; None = its own.
        limits: in addition to the provider's.
        models: the models it may use; None = all.
    """

    label: str
    key: str | None = field(default="", repr=False)
    pool: str | None = None
    limits: tuple[Limit, ...] = ()
    models: tuple[str, ...] | None = None

    @property
    def counted_as(self) -> str:
        """The pool that limits of that scope count it in."""
        return self.pool or self.label


@dataclass(frozen=True, slots=True)
class FakeModel:
    """A model of a fake provider.

    Args:
        id: its name in requests.
        context: most tokens of a prompt; None = any.
        max_output: what an answer is bounded by when the caller sets no bound.
        dimensions: of its vectors, if it makes them; any model does, with 64.
        gone: whether it has been withdrawn.
    """

    id: str
    context: int | None = None
    max_output: int = 1024
    dimensions: int | None = None
    gone: bool = False


def accounts_of(provider: str, given: int | Sequence[str | FakeAccount]) -> list[FakeAccount]:
    """Return accounts from a number of them, from labels, or as they are.

    One whose key is empty gets a key of its own.

    Raises:
        ValueError: two accounts with one label, or one key.
    """
    names = [f"{provider}-{n + 1}" for n in range(given)] if isinstance(given, int) else given
    made = [_account(account) for account in names]
    for values in ([a.label for a in made], [a.key for a in made]):
        if len(set(values)) < len(values):
            raise ValueError(f"{provider}: two accounts with one label or one key")
    return made


def _account(given: str | FakeAccount) -> FakeAccount:
    account = FakeAccount(label=given) if isinstance(given, str) else given
    if account.key != "":
        return account
    return FakeAccount(
        label=account.label,
        key=f"fake-key-of-{account.label}",
        pool=account.pool,
        limits=account.limits,
        models=account.models,
    )

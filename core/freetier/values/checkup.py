"""What `router.check()` and `router.prospects()` return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self

from freetier.values.sheets import Sheet, Shown

KeyState = Literal["accepted", "refused", "untested", "not needed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One model in a provider's own list.

    Attributes:
        id: The provider's id.
        context: Tokens of input and output together; `None` if the list does not say.
    """

    id: str
    context: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A model whose context is another one than the catalog says, in tokens."""

    id: str
    known: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """What was found out about one account.

    Attributes:
        account, provider: Which.
        key: What the provider says of it; `untested` if nothing told, see `note`.
        problem: Why it cannot serve, empty if nothing is known against it.
        note: What else is worth knowing.
        listed: How many models the provider lists; `None` if it was not asked, or has no list.
        gone: Models that the catalog or the configuration knows and the list does not.
        wanted: Those of them which the configuration names.
        new: Models in the list that the catalog does not know.
        changed: Models with another context.
        aged: Limits whose figures are older than was asked for.
        oldest: Date of the oldest figure, ISO.
        terms: What the provider's terms say of several accounts of one person.
        trains: Whether free use may train models; `None` if not known.
    """

    account: str
    provider: str
    key: KeyState
    problem: str = ""
    note: str = ""
    listed: int | None = None
    gone: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    new: tuple[Listed, ...] = ()
    changed: tuple[Changed, ...] = ()
    aged: int = 0
    oldest: str | None = None
    terms: str = ""
    trains: bool | None = None

    @property
    def ok(self) -> bool:
        """Tell whether nothing that was found keeps the account from serving."""
        return not (self.problem or self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """A free provider without an account here: what brings it in, and where to get a key."""

    provider: str
    variables: tuple[str, ...]
    key_page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup(Shown):
    """What was found out about all accounts.

    Attributes:
        accounts: One each, in declared order.
        unused: Free providers that have no account here.
        max_age: Days after which a figure counts as old.
    """

    accounts: tuple[AccountCheck, ...]
    unused: tuple[Unused, ...] = ()
    max_age: int = 0

    @property
    def ok(self) -> bool:
        """Tell whether every account can serve, as far as is known."""
        return all(account.ok for account in self.accounts)

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the tables that show it."""
        from freetier.display.checkup import sheets  # noqa: PLC0415 - only those who look load it

        return sheets(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One candidate of a name, as it stands now.

    Attributes:
        name: What would be asked for.
        account, provider, model: Who would answer; `model` is the provider's id.
        tier: 1 to 5; 0 if not known.
        free: Whether it costs nothing.
        context: Tokens of input and output together; `None` if not known.
        capabilities: What it can do.
        share_left: Share left of its tightest window, 0 to 1.
        back_in: Seconds until it can be asked again; 0 if now, `None` if nobody knows.
        why: Why it cannot be asked now, empty if it can.
    """

    name: str
    account: str
    provider: str
    model: str
    tier: int
    free: bool
    context: int | None
    capabilities: tuple[str, ...]
    share_left: float
    back_in: float | None = 0.0
    why: str = ""


class Prospects(Shown, tuple[Prospect, ...]):  # noqa: SLOT001 - a tuple's kind has no slots
    """The rows of `prospects()`: a sequence that prints as one table for each name.

    Args:
        rows: One per name and candidate, in the order in which they would be asked.
        nobody: Names that nobody here can serve.
        vectors: Models here that make embeddings.
    """

    nobody: tuple[str, ...]
    vectors: tuple[str, ...]

    def __new__(
        cls,
        rows: Iterable[Prospect] = (),
        nobody: tuple[str, ...] = (),
        vectors: tuple[str, ...] = (),
    ) -> Self:
        """Take the rows as they are."""
        made = super().__new__(cls, rows)
        made.nobody, made.vectors = nobody, vectors
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self), self.nobody, self.vectors

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the tables that show the rows."""
        from freetier.display.prospects import sheets  # noqa: PLC0415 - only those who look

        return sheets(self)


def last_day(as_of: str) -> date:
    """Return the last day that a date like 2026, 2026-10 or 2026-10-31 may mean."""
    parts = [int(part) for part in as_of.split("-")]
    match parts:
        case [year]:
            return date(year, 12, 31)
        case [year, month]:
            return date(year + month // 12, month % 12 + 1, 1)
        case [year, month, day]:
            return date(year, month, day)
    raise AssertionError(as_of)

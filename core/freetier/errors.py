"""Every error of the package.

FreetierError
  ConfigError              the file, the key path, the nearest right name
    UnknownModel           the names that exist
  RouteError               .report: the whole route; .causes: one refusal per candidate
    QuotaExhausted         everything is out of quota; .available_at, .retry_after
    NotAuthorised          the only accounts there are may not
    NoCandidate            all were filtered out; the reasons
    RequestRejected        the request itself was refused; .fault, .detail
      ContextTooLong
      ContentRefused
    DeadlineExceeded
    AllFailed              nobody could
  StreamInterrupted        cut after the first content; .text, .report
  StoreError
    StoreUnavailable
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freetier.values.faults import Fault
    from freetier.values.reports import Attempt, RouteReport
    from freetier.values.vectors import Vector


def kind_of(value: object) -> str:
    """Return what a value is, for an error: `an int`, `a dict`, `None`."""
    if value is None:
        return "None"
    name = "function" if getattr(value, "__name__", "") == "<lambda>" else type(value).__name__
    return f"{'an' if name[:1].lower() in {*'aeiou'} else 'a'} {name}"


class FreetierError(Exception):
    """The root of all errors of this package.

    Attributes:
        done: Of an embedding call that broke off: the vectors of its first texts.
    """

    done: tuple[Vector, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(
    cls: type[FreetierError], args: tuple[object, ...], state: dict[str, object]
) -> FreetierError:
    """Make an error again without running its constructor a second time."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigError(FreetierError):
    """The configuration, or an argument, cannot be used.

    Args:
        message: What is wrong and what would help.
        where: The file, the variable or the argument.
        path: The key path within it, for example `accounts[1].auth.api_key`.
    """

    def __init__(self, message: str, *, where: str | None = None, path: str | None = None) -> None:
        self.where = where
        self.path = path
        place = ": ".join(part for part in (where, path) if part)
        super().__init__(f"{place}: {message}" if place else message)


class NoAccount(ConfigError):
    """There is nobody to send a request to."""


class UnknownModel(ConfigError):
    """No alias, canonical name or provider id of this name.

    Args:
        name: What was asked for.
        nearest: The nearest names that exist.
    """

    def __init__(self, name: str, nearest: tuple[str, ...] = (), *, hint: str = "") -> None:
        self.name = name
        self.nearest = nearest
        message = f"unknown model {name!r}"
        if nearest:
            message += "; did you mean " + " or ".join(repr(n) for n in nearest) + "?"
        if hint:
            message += f" {hint}"
        super().__init__(message)


class RouteError(FreetierError):
    """No answer came; `report` says who was tried, who was skipped, and why."""

    def __init__(self, message: str, report: RouteReport) -> None:
        self.report = report
        super().__init__(message)

    @property
    def causes(self) -> tuple[Attempt, ...]:
        """Return the attempts that failed, in order."""
        return tuple(a for a in self.report.attempts if a.fault is not None)


class QuotaExhausted(RouteError):
    """Everything that could answer is out of quota for a known time.

    Attributes:
        available_at: When the first candidate returns, in seconds since 1970 UTC.
        retry_after: The same as a duration from when the error was made, in seconds.
        by_candidate: Seconds until each candidate returns, by its key.
    """

    def __init__(
        self,
        message: str,
        report: RouteReport,
        *,
        available_at: float,
        retry_after: float,
        by_candidate: dict[str, float] | None = None,
    ) -> None:
        super().__init__(message, report)
        self.available_at = available_at
        self.retry_after = retry_after
        self.by_candidate = by_candidate or {}


class NotAuthorised(RouteError):
    """No account may answer: keys are wrong, lack a right, or need money."""


class NoCandidate(RouteError):
    """Every candidate was filtered out before anything was sent; the report has the reasons."""


class RequestRejected(RouteError):
    """The request itself was refused; another account would refuse it as well."""

    def __init__(
        self, message: str, report: RouteReport, *, fault: Fault, detail: str = ""
    ) -> None:
        super().__init__(message, report)
        self.fault = fault
        self.detail = detail


class ContextTooLong(RequestRejected):
    """The conversation is longer than every candidate's context."""


class ContentRefused(RequestRejected):
    """A provider refused the content."""


class DeadlineExceeded(RouteError, TimeoutError):
    """The caller's deadline passed before an answer came."""


class AllFailed(RouteError):
    """Every candidate was tried or unavailable, and none answered."""


class StreamInterrupted(FreetierError):
    """A stream broke after its first content.

    Attributes:
        text: The text that had come.
        report: The route so far.
    """

    def __init__(self, message: str, report: RouteReport, *, text: str = "") -> None:
        super().__init__(message)
        self.report = report
        self.text = text


class StoreError(FreetierError):
    """The quota store cannot do what it was asked."""


class StoreUnavailable(StoreError):
    """The quota store cannot be reached within its bound."""

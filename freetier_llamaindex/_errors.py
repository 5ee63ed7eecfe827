"""Our errors with the classes that LlamaIndex and its users look for.

LlamaIndex has no error classes of its own: it raises and catches those of the language.
Its query engines drop whatever ends in a `ValueError` and answer without it, so none of
these is one, but for an answer that does not fit the output class.

NotAuthorised      + PermissionError
UnreadableAnswer   + ValueError      all that was answered does not fit the output class
StreamInterrupted  + ConnectionError
StoreUnavailable   + ConnectionError
DeadlineExceeded is a TimeoutError already; the others stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from freetier import errors


class NotAuthorised(errors.NotAuthorised, PermissionError):
    """No account may answer: keys are wrong, lack a right, or need money."""


class UnreadableAnswer(errors.AllFailed, ValueError):
    """Everything that was answered does not fit the output class."""


class StreamInterrupted(errors.StreamInterrupted, ConnectionError):
    """A stream broke after its first content."""


class StoreUnavailable(errors.StoreUnavailable, ConnectionError):
    """The quota store cannot be reached within its bound."""


# The nearest one up the tree counts, so the order does not matter.
_TWINS: dict[type[BaseException], type[errors.FreetierError]] = {
    errors.NotAuthorised: NotAuthorised,
    errors.StreamInterrupted: StreamInterrupted,
    errors.StoreUnavailable: StoreUnavailable,
}


@contextmanager
def framework_errors() -> Iterator[None]:
    """Let the errors of the core leave as those that LlamaIndex's users look for."""
    try:
        yield
    except errors.FreetierError as error:
        kind = next((_TWINS[base] for base in type(error).__mro__ if base in _TWINS), None)
        if kind is None or isinstance(error, kind):
            raise
        raise twin(error, kind) from error


def twin(error: errors.FreetierError, kind: type[errors.FreetierError]) -> errors.FreetierError:
    """Return an error of a kind that says the same as another."""
    made = kind.__new__(kind, *error.args)
    made.args = error.args
    made.__dict__.update(error.__dict__)
    return made

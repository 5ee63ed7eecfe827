"""Our errors with the classes that LlamaIndex and its users look for.

LlamaIndex has no error classes of its own: it raises and catches those of the language.
What is wrong with the request is a `ValueError` there, as a prompt that is too long is.
What is wrong with the world never is: a `SubQuestionQueryEngine` drops the question that
ends in a `ValueError` and answers without it.

NotAuthorised      + PermissionError
NoCandidate        + ValueError
RequestRejected    + ValueError      (ContextTooLong, ContentRefused as well)
UnreadableAnswer   + ValueError      all that was answered does not fit the output class
StreamInterrupted  + ConnectionError
StoreUnavailable   + ConnectionError
ConfigError and UnknownModel are a ValueError, DeadlineExceeded is a TimeoutError already;
QuotaExhausted and AllFailed stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from freetier import errors


class NotAuthorised(errors.NotAuthorised, PermissionError):
    """No account may answer: keys are wrong, lack a right, or need money."""


class NoCandidate(errors.NoCandidate, ValueError):
    """Every candidate was filtered out before anything was sent."""


class RequestRejected(errors.RequestRejected, ValueError):
    """The request itself was refused."""


class ContextTooLong(errors.ContextTooLong, ValueError):
    """The conversation is longer than every candidate's context."""


class ContentRefused(errors.ContentRefused, ValueError):
    """A provider refused the content."""


class UnreadableAnswer(errors.AllFailed, ValueError):
    """Everything that was answered does not fit the output class."""


class StreamInterrupted(errors.StreamInterrupted, ConnectionError):
    """A stream broke after its first content."""


class StoreUnavailable(errors.StoreUnavailable, ConnectionError):
    """The quota store cannot be reached within its bound."""


# The nearest one up the tree counts, so the order does not matter.
_TWINS: dict[type[BaseException], type[errors.FreetierError]] = {
    errors.NotAuthorised: NotAuthorised,
    errors.NoCandidate: NoCandidate,
    errors.RequestRejected: RequestRejected,
    errors.ContextTooLong: ContextTooLong,
    errors.ContentRefused: ContentRefused,
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

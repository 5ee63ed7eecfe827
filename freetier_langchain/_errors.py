"""Our errors with LangChain's as a second parent.

Code that catches `freetier.QuotaExhausted` and middleware that looks for LangChain's
`ModelError` both see what they know. Whether a retry makes sense is said by each error
itself: `ModelRetryMiddleware` asks it.

QuotaExhausted    + ModelRateLimitError          retryable if quota is back within a minute
NotAuthorised     + ModelAuthenticationError     or ModelPermissionDeniedError
NoCandidate       + ModelInvalidRequestError
RequestRejected   + ModelInvalidRequestError
ContextTooLong    + ContextOverflowError
ContentRefused    + ModelRefusalError            (LangChain's from 1.7.5 on)
DeadlineExceeded  + ModelTimeoutError
AllFailed         + ModelAPIError                retryable if a fault may pass
StreamInterrupted + ModelConnectionError
UnknownModel      + ModelNotFoundError
NoAccount         + ModelAuthenticationError, ValueError
ConfigError       + ModelInvalidRequestError, ValueError (pydantic reports it as its own)
StoreError        + ModelAPIError                (StoreUnavailable: ModelConnectionError)
CallBudgetSpent   + ModelRateLimitError          never retryable
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from langchain_core import exceptions as langchain
from langchain_core.messages import BaseMessage

from freetier import Fault, errors

WORTH_WAITING = 61.0
"""Seconds: a caller who retries is told to when quota is back within these: a minute (decisions
11), and the second by which what is under way may count late, as in the default `max_wait`."""

PASSING = frozenset(
    {
        Fault.OVERLOADED,
        Fault.SERVER,
        Fault.UNREACHABLE,
        Fault.TIMED_OUT,
        Fault.MALFORMED,
        Fault.EMPTY,
    }
)
"""Faults after which the same request may be answered."""

# New in 1.7.5; before it a refusal is an invalid request.
_Refusal: type[langchain.ModelError] = getattr(
    langchain, "ModelRefusalError", langchain.ModelInvalidRequestError
)


class ModelQuotaExhausted(errors.QuotaExhausted, langchain.ModelRateLimitError):
    """Everything that could answer is out of quota for a known time."""


class ModelNotAuthenticated(errors.NotAuthorised, langchain.ModelAuthenticationError):
    """No account may answer: the keys are wrong."""


class ModelNotPermitted(errors.NotAuthorised, langchain.ModelPermissionDeniedError):
    """No account may answer: rights or money are missing."""


class ModelNoCandidate(errors.NoCandidate, langchain.ModelInvalidRequestError):
    """Every candidate was filtered out before anything was sent."""


class ModelRequestRejected(errors.RequestRejected, langchain.ModelInvalidRequestError):
    """The request itself was refused."""


class ModelContextTooLong(errors.ContextTooLong, langchain.ContextOverflowError):
    """The conversation is longer than every candidate's context."""


class ModelContentRefused(errors.ContentRefused, _Refusal):  # type: ignore[misc, valid-type]
    """A provider refused the content."""

    raw_message: BaseMessage | None = None


class ModelDeadlineExceeded(errors.DeadlineExceeded, langchain.ModelTimeoutError):
    """The caller's deadline passed before an answer came."""


class ModelAllFailed(errors.AllFailed, langchain.ModelAPIError):
    """Every candidate was tried or unavailable, and none answered."""


class ModelStreamInterrupted(errors.StreamInterrupted, langchain.ModelConnectionError):
    """A stream broke after its first content."""


class ModelUnknown(errors.UnknownModel, langchain.ModelNotFoundError):
    """No alias, canonical name or provider id of this name."""


class ModelNoAccount(errors.NoAccount, langchain.ModelAuthenticationError, ValueError):
    """There is nobody to send a request to: no key was found."""


class ModelMisconfigured(errors.ConfigError, langchain.ModelInvalidRequestError, ValueError):
    """The configuration, or an argument, cannot be used."""


class ModelStoreUnavailable(errors.StoreUnavailable, langchain.ModelConnectionError):
    """The quota store cannot be reached within its bound."""


class ModelStoreError(errors.StoreError, langchain.ModelAPIError):
    """The quota store cannot do what it was asked."""


class ModelRefused(errors.FreetierError, _Refusal):  # type: ignore[misc, valid-type]
    """The model itself declined to give the structured answer it was asked for."""

    raw_message: BaseMessage | None = None


class CallBudgetSpent(errors.FreetierError, langchain.ModelRateLimitError):
    """A run has made all the calls that its `CallBudget` allows; nothing was sent."""

    is_retryable = False


# The nearest one up the tree counts, so the order does not matter.
_TWINS: dict[type[BaseException], type[errors.FreetierError]] = {
    errors.QuotaExhausted: ModelQuotaExhausted,
    errors.NoCandidate: ModelNoCandidate,
    errors.RequestRejected: ModelRequestRejected,
    errors.ContextTooLong: ModelContextTooLong,
    errors.ContentRefused: ModelContentRefused,
    errors.DeadlineExceeded: ModelDeadlineExceeded,
    errors.AllFailed: ModelAllFailed,
    errors.StreamInterrupted: ModelStreamInterrupted,
    errors.UnknownModel: ModelUnknown,
    errors.NoAccount: ModelNoAccount,
    errors.ConfigError: ModelMisconfigured,
    errors.StoreUnavailable: ModelStoreUnavailable,
    errors.StoreError: ModelStoreError,
}


@contextmanager
def langchain_errors() -> Iterator[None]:
    """Let the errors of the core leave as LangChain's."""
    try:
        yield
    except langchain.ModelError:
        raise
    except errors.FreetierError as error:
        twin = as_langchain(error)
        if twin is error:
            raise
        raise twin from error


def as_langchain(error: errors.FreetierError) -> errors.FreetierError:
    """Return an error that says the same and is LangChain's as well."""
    kind = _twin(error)
    if kind is None or isinstance(error, langchain.ModelError):
        return error
    twin = kind.__new__(kind, *error.args)
    twin.args = error.args
    twin.__dict__.update(error.__dict__)
    retryable = _retryable(error)
    if retryable is not None:
        twin.is_retryable = retryable  # type: ignore[attr-defined]
    return twin


def _twin(error: errors.FreetierError) -> type[errors.FreetierError] | None:
    if isinstance(error, errors.NotAuthorised):
        wrong_key = any(cause.fault is Fault.UNAUTHORISED for cause in error.causes)
        return ModelNotAuthenticated if wrong_key else ModelNotPermitted
    return next((_TWINS[base] for base in type(error).__mro__ if base in _TWINS), None)


def _retryable(error: errors.FreetierError) -> bool | None:
    """Tell whether a retry may help; `None` leaves it to what LangChain says of the class."""
    if isinstance(error, errors.QuotaExhausted):
        return error.retry_after <= WORTH_WAITING
    if isinstance(error, errors.AllFailed):
        return any(cause.fault in PASSING for cause in error.causes)
    if isinstance(error, errors.StoreError):
        return isinstance(error, errors.StoreUnavailable)
    return None

"""Our errors leave as LangChain's as well, and say themselves whether a retry makes sense."""

from __future__ import annotations

import pickle

import pytest
from langchain_core import exceptions as langchain

from freetier import Fault, errors
from freetier_langchain._errors import as_langchain, langchain_errors
from tests.langchain.answers import attempt, report

RETRY, NO_RETRY = True, False
REFUSAL = getattr(langchain, "ModelRefusalError", langchain.ModelInvalidRequestError)


def quota(retry_after: float) -> errors.QuotaExhausted:
    """Return the error of quota that comes back."""
    return errors.QuotaExhausted("gone", report(), available_at=1e9, retry_after=retry_after)


def failed(*faults: Fault) -> dict[str, object]:
    """Return a route on which nobody answered."""
    attempts = tuple(attempt("north", fault) for fault in faults)
    return {"attempts": attempts, "provider": None}


CASES = [
    (quota(61.0), langchain.ModelRateLimitError, RETRY),
    (quota(61.1), langchain.ModelRateLimitError, NO_RETRY),
    (
        errors.NotAuthorised("no", report(**failed(Fault.UNAUTHORISED))),
        langchain.ModelAuthenticationError,
        NO_RETRY,
    ),
    (
        errors.NotAuthorised("no", report(**failed(Fault.PAYMENT))),
        langchain.ModelPermissionDeniedError,
        NO_RETRY,
    ),
    (errors.NoCandidate("none", report()), langchain.ModelInvalidRequestError, NO_RETRY),
    (
        errors.RequestRejected("no", report(), fault=Fault.BAD_REQUEST),
        langchain.ModelInvalidRequestError,
        NO_RETRY,
    ),
    (
        errors.ContextTooLong("long", report(), fault=Fault.CONTEXT_TOO_LONG),
        langchain.ContextOverflowError,
        NO_RETRY,
    ),
    (errors.ContentRefused("no", report(), fault=Fault.CONTENT_REFUSED), REFUSAL, NO_RETRY),
    (errors.DeadlineExceeded("late", report()), langchain.ModelTimeoutError, RETRY),
    (
        errors.AllFailed("all", report(**failed(Fault.SERVER))),
        langchain.ModelAPIError,
        RETRY,
    ),
    (
        errors.AllFailed("all", report(**failed(Fault.MODEL_GONE))),
        langchain.ModelAPIError,
        NO_RETRY,
    ),
    (errors.StreamInterrupted("cut", report()), langchain.ModelConnectionError, RETRY),
    (errors.UnknownModel("fats", ("fast",)), langchain.ModelNotFoundError, NO_RETRY),
    (errors.NoAccount("no key"), langchain.ModelAuthenticationError, NO_RETRY),
    (errors.ConfigError("no"), langchain.ModelInvalidRequestError, NO_RETRY),
    (errors.StoreUnavailable("away"), langchain.ModelConnectionError, RETRY),
    (errors.StoreError("odd"), langchain.ModelAPIError, NO_RETRY),
]


@pytest.mark.parametrize(("error", "kind", "is_retryable"), CASES)
def test_an_error_is_both_kinds_and_says_whether_to_retry(
    error: errors.FreetierError, kind: type[langchain.ModelError], is_retryable: bool
) -> None:
    """Who catches ours, who catches LangChain's, and the retry middleware all see their own."""
    with pytest.raises(kind) as got, langchain_errors():
        raise error

    twin = got.value
    assert isinstance(twin, type(error))
    assert twin.is_retryable is is_retryable
    assert str(twin) == str(error)
    assert twin.__cause__ is error
    assert {**vars(error), "is_retryable": 0} == {**vars(twin), "is_retryable": 0}


def test_every_error_of_the_core_has_a_twin() -> None:
    """An error that is added there has to be thought of here."""
    seen = {type(error) for error, _, _ in CASES}
    concrete = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.FreetierError)
    } - {errors.FreetierError, errors.RouteError}

    assert concrete == seen


def test_an_error_that_is_langchains_already_stays_as_it_is() -> None:
    """Nothing is wrapped twice."""
    twin = as_langchain(quota(1.0))

    with pytest.raises(langchain.ModelRateLimitError) as got, langchain_errors():
        raise twin

    assert got.value is twin
    assert as_langchain(twin) is twin


def test_other_errors_pass() -> None:
    """What is not ours is not explained by us."""
    with pytest.raises(KeyError), langchain_errors():
        raise KeyError("theirs")


def test_an_error_with_a_route_travels_between_processes() -> None:
    """Workers hand them to those who wait for their results."""
    twin = pickle.loads(pickle.dumps(as_langchain(quota(1.0))))  # noqa: S301 - our own

    assert isinstance(twin, langchain.ModelRateLimitError)
    assert (twin.retry_after, twin.report.alias, twin.is_retryable) == (1.0, "fast", True)

"""Classes of errors as rules."""

from __future__ import annotations

import pytest

from freetier import catalog
from freetier.catalog.shipped import Catalog
from freetier.errors import ConfigError
from freetier.values.faults import Fault, FaultScope
from freetier.values.providers import ErrorRule
from tests.core.catalog.folder import copy_of_shipped


def rule(**row: object) -> ErrorRule:
    """Return the rule that a row becomes."""
    mapping = {"name": "acme", "base_url": "https://a.test", "errors": [row]}
    return catalog.parse_provider(mapping, "acme.yaml").errors[0]


def test_a_class_says_fault_scope_span_and_reason():
    """A row needs no more than its class."""
    found = rule(status=429, **{"class": "rate_limit_day"})
    assert (found.fault, found.scope) == (Fault.QUOTA_GONE, FaultScope.CANDIDATE)
    assert (found.span, found.reason) == (86_400, "the day's quota is used up")


def test_a_row_may_differ_from_its_class():
    """Where a provider means the account by what others mean of a model."""
    more = {"class": "rate_limit", "scope": "account", "per": "hour", "reason": "slow down"}
    found = rule(status=429, status_max=431, codes=["7"], types=["t"], match_any=["no"], **more)
    assert (found.scope, found.span, found.reason) == (FaultScope.ACCOUNT, 3_600, "slow down")
    assert (found.status_max, found.codes, found.types) == (431, ("7",), ("t",))
    assert found.match_any == ("no",)


def test_an_unknown_class_is_told_with_the_nearest():
    """A typing error costs one look."""
    with pytest.raises(ConfigError) as told:
        rule(status=402, **{"class": "paymnt"})
    text = "acme.yaml: errors[0].class: there is no class 'paymnt'; did you mean 'payment'?"
    assert str(told.value) == text


def test_a_default_of_an_unknown_class_is_told_with_its_place(tmp_path):
    """The general table is checked like any file."""
    root = copy_of_shipped(tmp_path)
    text = (root / "faults.yaml").read_text("utf-8")
    (root / "faults.yaml").write_text(text.replace("401, class: auth", "401, class: aut"))
    with pytest.raises(ConfigError, match=r"faults.yaml: defaults\[10\].class: there is no class"):
        _ = Catalog(root).faults


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, Fault.BAD_REQUEST),
        (401, Fault.UNAUTHORISED),
        (402, Fault.PAYMENT),
        (403, Fault.FORBIDDEN),
        (404, Fault.MODEL_GONE),
        (410, Fault.MODEL_GONE),
        (413, Fault.TOO_LARGE),
        (429, Fault.RATE_LIMITED),
        (500, Fault.SERVER),
        (503, Fault.OVERLOADED),
        (504, Fault.TIMED_OUT),
        (529, Fault.SERVER),
    ],
)
def test_a_status_alone_means_something(status, fault):
    """The general table, read from its file."""
    rules = [
        rule for rule in catalog.fault_table().defaults if not rule.codes and not rule.match_any
    ]
    assert next(r for r in rules if r.status <= status <= (r.status_max or r.status)).fault is fault

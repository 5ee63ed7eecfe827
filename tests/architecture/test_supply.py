"""What is said of the supply chain: findings fail, and what could not be looked at is told."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.architecture.supply import absent, audited

PROJECT = '[project]\ndependencies = ["httpx>=0.28,<1", "PyYAML>=6.0.1"]\n'


def _bill(*names: str) -> str:
    return json.dumps({"components": [{"name": name} for name in names]})


def test_a_bill_lists_what_the_package_needs() -> None:
    """Names are the same however they are written; the control lacks one."""
    assert absent(_bill("httpx", "pyyaml", "idna"), PROJECT) == []
    assert absent(_bill("httpx", "idna"), PROJECT) == ["PyYAML"]


def _report(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": [*packages, {"name": "freetier", "skip_reason": "here"}]})


GOOD = {"name": "idna", "version": "3.1", "vulns": []}
BAD = {
    "name": "httpx",
    "version": "0.28.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.29"], "aliases": [], "description": "..."}],
}
SKIPPED = {"name": "yarl", "skip_reason": "Dependency not found"}


def test_a_finding_fails() -> None:
    """The package, its version, the vulnerability and what mends it are named."""
    lines, status = audited(_report(GOOD, BAD, SKIPPED), "", 1)
    assert lines == ["httpx 0.28.0: PYSEC-1, mended in 0.29", "1 known vulnerabilities"]
    assert status == 1


def test_nothing_found_is_said_with_how_much_was_looked_at() -> None:
    """A package on which there is no data is not one without vulnerabilities."""
    assert audited(_report(GOOD), "", 0) == (["1 packages without a known vulnerability"], 0)
    lines, status = audited(_report(GOOD, SKIPPED), "", 0)
    assert lines[1] == "NOT AUDITED: 1 of 2 packages, on which there is no data"
    assert status == 0


def test_an_audit_that_could_not_look_says_so_and_does_not_fail() -> None:
    """Whether the service has nothing to say, or cannot be reached at all."""
    lines, status = audited(_report(SKIPPED), "", 0)
    assert lines[0].startswith("NOT AUDITED: no data")
    assert "not found" in lines[0]
    assert status == 0
    lines, status = audited("", "Traceback\nConnectionError: refused\n", 1)
    assert lines[0].endswith("(ConnectionError: refused)")
    assert status == 0

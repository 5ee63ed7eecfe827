"""Nobody pays for an SDK he did not ask for."""

from __future__ import annotations

import pytest

from tests.core.cli.program import run

SDKS = ("opentelemetry", "prometheus_client", "matplotlib", "rich", "typer", "IPython")


def test_a_router_at_work_loads_none_of_them():
    """Neither importing nor asking does."""
    code = (
        "import sys; from tests.core.observe.stage import played, staged; played(staged());"
        f"print([name for name in {SDKS!r} if name in sys.modules])"
    )
    said = run(code=code)
    assert said.stderr == ""
    assert said.stdout == "[]\n"


@pytest.mark.parametrize(
    ("module", "extra"), [("otel", "opentelemetry"), ("prometheus", "prometheus_client")]
)
def test_a_missing_sdk_is_named_with_its_extra(module, extra):
    """One sentence that helps."""
    code = (
        f"import sys; sys.modules[{extra!r}] = None\n"
        f"try: import freetier.observe.{module}\n"
        "except ImportError as error: print(error)"
    )
    assert f'pip install "freetier[{module}]"' in run(code=code).stdout

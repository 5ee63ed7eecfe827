"""A stage for the model: two fake providers on loopback, and a router over both.

Each behaviour is shown twice: `plain`, and with a `failover` forced on every call. Then
`north` finds fault with every request, in a way that blocks nobody, and `south` answers;
when a test ends, the fleet's own books have to agree.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from freetier import Router
from freetier.testing.faults import Status
from freetier.testing.fleet import Fleet
from freetier.testing.model import small_model
from freetier.testing.provider import FakeProvider
from freetier.testing.said import Said
from freetier_llamaindex import FreeTierLLM

# What LlamaIndex does to its own libraries; neither can be helped from outside.
NOT_OURS = (
    "ignore::pydantic.warnings.PydanticDeprecationWarning",
    "ignore:is_running called from within a step:DeprecationWarning",
    "ignore:.*aiosqlite:ResourceWarning",
    "ignore:.*_connection_worker_thread:pytest.PytestUnhandledThreadExceptionWarning",
)

MODEL = "bravo-9b"
ABLE = (
    "tools", "tool_choice", "parallel_tools", "json_object", "json_schema", "vision", "audio",
    "video", "files", "reasoning",
)  # fmt: skip

Body = dict[str, Any]
Mind = Callable[[Body], "str | Said"]


class Stage:
    """Two providers, their router, and everything that was asked of them.

    Attributes:
        mind: Answers requests; may be changed at any time.
        sent: The bodies that were answered, in order.
    """

    def __init__(self, *, able: tuple[str, ...] = ABLE, context: int = 131_072) -> None:
        self.mind: Mind = small_model
        self.sent: list[Body] = []
        self.fleet = Fleet(
            *(FakeProvider(name, answer=self._answer) for name in ("north", "south"))
        )
        self.fleet.start()
        facts = {"models": [MODEL], "capabilities": list(able), "context": context}
        accounts = [
            {**entry, **facts, "priority": n}
            for n, entry in enumerate(self.fleet.config()["accounts"])
        ]
        self.config = {"accounts": accounts, "strategy": "priority", "default_model": MODEL}
        self.router = Router(self.config)

    def _answer(self, body: Body) -> str | Said:
        self.sent.append(body)
        return self.mind(body)

    def llm(self, **fields: Any) -> FreeTierLLM:
        """Return a model over both providers."""
        return FreeTierLLM(MODEL, router=self.router, **fields)

    def fail_north(self) -> None:
        """Force a failover on every call from now on, without blocking or breaking anything."""
        self.fleet.always("north", Status(400))

    @property
    def last(self) -> Body:
        """The body that was answered last."""
        return self.sent[-1]

    def close(self) -> None:
        """Stop everything."""
        self.router.close()
        self.fleet.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder pass over the warnings of LlamaIndex's own making."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for warning in NOT_OURS:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """Collect what a module leaves behind while its warnings are still passed over."""
    yield
    gc.collect()


@pytest.fixture
def lone_stage() -> Iterator[Stage]:
    """A stage on which nothing goes wrong unless the test says so."""
    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def toolless_stage() -> Iterator[Stage]:
    """A stage whose providers call no functions."""
    stage = Stage(able=tuple(set(ABLE) - {"tools", "tool_choice", "parallel_tools"}))
    yield stage
    stage.close()


@pytest.fixture(params=["plain", "failover"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A stage, plain and with a failover forced on every call."""
    stage = Stage()
    if request.param == "failover":
        stage.fail_north()
    yield stage
    stage.close()
    books = stage.fleet.books
    answered = {
        "north-1": len(books.admitted("north-1")),
        "south-1": len(books.admitted("south-1")),
    }
    failed = [entry.account for entry in books.entries if entry.verdict == "failed"]
    if request.param == "plain":
        assert answered == {"north-1": len(stage.sent), "south-1": 0}
        assert failed == []
    else:
        assert answered == {"north-1": 0, "south-1": len(stage.sent)}
        assert failed == ["north-1"] * len(stage.sent)
    assert stage.sent


@pytest.fixture
def llm(stage: Stage) -> FreeTierLLM:
    """The model of a stage."""
    return stage.llm()

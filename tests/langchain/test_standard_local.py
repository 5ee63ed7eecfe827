"""LangChain's standard integration tests against a small real model behind llama.cpp's server.

What so small a model cannot do is left out by name, in `local_leaves_out.txt`; what takes
long waits there for `make local`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_tests.integration_tests import ChatModelIntegrationTests

from freetier import Router
from freetier.local import LocalModel
from freetier_langchain import FreeTierChatModel
from tests.langchain import leaving_out

ALIAS = "small"
LIMITS = [{"metric": "requests", "amount": 10_000, "per": "minute"}]
CAPABILITIES = ["tools", "tool_choice", "json_object", "json_schema"]

WORDS = {
    "temperature": 0,
    "frequency_penalty": 0.6,  # without one it repeats itself until the bound
    "max_tokens": 80,
}


@pytest.fixture(scope="module")
def router() -> Iterator[Router]:
    """Two accounts of the same real server; the tests' calls go to both in turn."""
    with LocalModel() as served:
        accounts = [
            {
                "provider": "llamacpp",
                "id": name,
                "base_url": served.base_url,
                "auth": {"api_key": served.api_key},
                "models": [{"id": served.model, "context": 4096}],
                "capabilities": CAPABILITIES,
                "limits": LIMITS,
            }
            for name in ("one", "two")
        ]
        aliases = [{"alias": ALIAS, "models": [{"provider": "llamacpp", "model": served.model}]}]
        with Router(accounts=accounts, models=aliases, strategy="round-robin") as router:
            yield router


class TestStandardLocal(ChatModelIntegrationTests):
    chat_model_class = FreeTierChatModel
    model_override_value = LocalModel.model
    supports_json_mode = True

    @pytest.fixture(autouse=True)
    def _router(self, router: Router) -> None:
        self.router = router

    @property
    def chat_model_params(self) -> dict[str, Any]:
        """What each model is made with."""
        return {"model": ALIAS, "router": self.router, **WORDS}


def test_what_is_left_out_exists() -> None:
    """A test that LangChain renames must not stay away unseen."""
    entries = leaving_out.listed(leaving_out.LIST.read_text(encoding="utf-8"))

    for entry in entries:
        assert hasattr(ChatModelIntegrationTests, entry.name.partition("[")[0]), entry.name
    assert {"cannot", "long"} == {entry.kind for entry in entries}


@pytest.mark.parametrize("line", ["cannot test_x", "test_x: why", "maybe test_x: why", "long : a"])
def test_nothing_is_left_out_without_a_reason(line: str) -> None:
    """The list says of each test what it is and why."""
    with pytest.raises(ValueError, match="why"):
        leaving_out.listed(line)

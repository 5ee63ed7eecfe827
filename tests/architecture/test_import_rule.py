"""The import rule holds, and finds what is put into a tree on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.import_rule import broken_imports
from tests.architecture.sources import PACKAGES

ROOT = Path(__file__).parents[2]


def test_every_arrow_of_the_project_points_inwards() -> None:
    """No module of the three packages imports what its layer may not know."""
    assert broken_imports(ROOT) == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("values/chat.py", "import time"),
        ("values/chat.py", "from freetier.errors import ConfigError"),
        ("values/chat.py", "import pydantic"),
        ("windows/log.py", "import sqlite3"),
        ("windows/log.py", "from freetier.routing.flow import route"),
        ("routing/flow.py", "def f():\n    import random"),
        ("routing/flow.py", "if TYPE_CHECKING:\n    from freetier.stores import QuotaStore"),
        ("routing/flow.py", "print('here')"),
        ("routing/flow.py", "started = datetime.now()"),
        ("dialects/openai.py", "from freetier.routing.flow import route"),
        ("dialects/openai.py", "body = open('body').read()"),
        ("errors.py", "from freetier.router import Router"),
        ("catalog/load.py", "import os"),
        ("catalog/load.py", "from freetier.config import load"),
        ("stores/memory.py", "from freetier.routing.flow import route"),
        ("stores/memory.py", "import redis"),
        ("stores/open.py", "from freetier.stores.redis import RedisStore"),
        ("drivers/aio.py", "import httpx"),
        ("drivers/aio.py", "importlib.import_module('httpx')"),
        ("drivers/aio.py", "from freetier.routing.flow import route"),
        ("router.py", "import httpx"),
        ("router.py", "from freetier.testing import Fleet"),
        ("router.py", "import langchain_core"),
        ("testing/fleet.py", "from freetier.router import Router"),
        ("testing/fleet.py", "from freetier.windows.log import Log"),
        ("cli/ask.py", "from .status import status"),
        ("demo/run.py", "import openai"),
        ("__init__.py", "from freetier.cli import main"),
        ("surprise.py", "answer = 42"),
    ],
)
def test_an_arrow_of_the_core_that_points_outwards_is_found(
    tmp_path: Path, place: str, line: str
) -> None:
    """Each line breaks the rule in the module it is put into."""
    _write(tmp_path, "freetier", place, line)

    (finding,) = broken_imports(tmp_path)

    assert finding.startswith(f"core/freetier/{place}:")


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("freetier_langchain", "from freetier.values.chat import _hidden"),
        ("freetier_langchain", "from freetier.routing.flow import route"),
        ("freetier_langchain", "from freetier import hidden"),
        ("freetier_langchain", "import freetier_llamaindex"),
        ("freetier_langchain", "from llama_index.core.llms import LLM"),
        ("freetier_llamaindex", "from freetier_langchain import FreeTierChatModel"),
        ("freetier_llamaindex", "def f():\n    import langchain_core"),
    ],
)
def test_an_adapter_that_looks_behind_the_public_names_is_found(
    tmp_path: Path, package: str, line: str
) -> None:
    """An adapter sees the public names of the core and its framework, and no more."""
    _write(tmp_path, "freetier", "__init__.py", "__all__ = ['Router']")
    _write(tmp_path, package, "model.py", line)

    (finding,) = broken_imports(tmp_path)

    assert finding.startswith(f"{package}/model.py:")


@pytest.mark.parametrize(
    ("package", "place", "line"),
    [
        ("freetier", "routing/flow.py", "from freetier.values.chat import Message"),
        ("freetier", "routing/flow.py", "from freetier.windows import log"),
        ("freetier", "drivers/http.py", "import httpx"),
        ("freetier", "drivers/sync.py", "from freetier.routing import effects"),
        ("freetier", "stores/open.py", "def f():\n    from freetier.stores.redis import Store"),
        ("freetier", "stores/redis.py", "import redis"),
        ("freetier", "cli/ask.py", "from freetier.demo.run import run"),
        ("freetier", "windows/log.py", "import zoneinfo"),
        ("freetier_langchain", "model.py", "from freetier import Router"),
        ("freetier_langchain", "model.py", "from freetier_langchain._messages import x"),
        ("freetier_langchain", "model.py", "from freetier.values.chat import Message"),
        ("freetier", "dialects/openai.py", "from freetier.routing.ports import Decoder"),
    ],
)
def test_an_arrow_that_points_inwards_is_let_be(
    tmp_path: Path, package: str, place: str, line: str
) -> None:
    """The rule allows what the architecture is made of."""
    _write(tmp_path, "freetier", "__init__.py", "__all__ = ['Router']")
    _write(tmp_path, package, place, line)

    assert broken_imports(tmp_path) == []


def _write(root: Path, package: str, place: str, text: str) -> None:
    path = root / PACKAGES[package] / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")

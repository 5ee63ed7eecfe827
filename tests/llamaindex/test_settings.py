"""The model as an object: metadata, secrets, pickles, copies, and the router it shares."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import LLM, CustomLLM
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.rate_limiter import BaseRateLimiter

from freetier import ConfigError, Router
from freetier_llamaindex import FreeTierLLM
from tests.llamaindex.conftest import MODEL, Stage

KEY = "sk-this-is-a-secret"
ACCOUNT = {"provider": "groq", "id": "groq", "auth": {"api_key": KEY}}


def test_it_is_a_model_of_both_kinds() -> None:
    """Function calling comes first, so that its `predict_and_call` wins."""
    names = [kind.__name__ for kind in FreeTierLLM.__mro__]

    assert issubclass(FreeTierLLM, LLM)
    assert names.index(FunctionCallingLLM.__name__) < names.index(CustomLLM.__name__)
    assert FreeTierLLM.class_name() == "freetier_llm"


def test_its_first_argument_is_the_model() -> None:
    """`FreeTierLLM("fast")` is all it takes, and `from_defaults` is the same."""
    assert FreeTierLLM("fast").model == FreeTierLLM.from_defaults("fast").model == "fast"
    assert FreeTierLLM(model="fast").model == "fast"


def test_metadata_are_those_of_the_alias(lone_stage: Any) -> None:
    """Sizes and abilities come from the candidates, not from LlamaIndex's defaults."""
    metadata = lone_stage.llm().metadata

    assert metadata.context_window == lone_stage.router.features(MODEL).context_window
    assert metadata.context_window > 100_000
    assert metadata.num_output == 1024
    assert metadata.is_chat_model
    assert metadata.is_function_calling_model
    assert metadata.model_name == MODEL
    assert metadata.system_role is MessageRole.SYSTEM


def test_metadata_can_be_told(lone_stage: Any) -> None:
    """What a user knows better wins; a bound on the answer is its length."""
    assert lone_stage.llm(max_tokens=300).metadata.num_output == 300
    told = lone_stage.llm(context_window=9_000, num_output=77).metadata
    assert (told.context_window, told.num_output) == (9_000, 77)


def test_an_answer_never_takes_most_of_a_small_window() -> None:
    """LlamaIndex keeps the answer's length free in each prompt, so that must leave a prompt."""
    stage = Stage(context=3_000)
    metadata = stage.llm().metadata

    assert metadata.context_window == 3_000 - 1024
    assert metadata.num_output == metadata.context_window // 4
    stage.close()


def test_metadata_tell_what_is_missing(toolless_stage: Any) -> None:
    """An alias whose candidates call no functions says so."""
    assert not toolless_stage.llm().metadata.is_function_calling_model


def test_no_secret_is_shown(lone_stage: Any) -> None:
    """Neither a key nor a configuration stands in any text of the model."""
    with_key = FreeTierLLM("fast", provider="groq", api_key=KEY)
    with_config = FreeTierLLM("fast", config={"accounts": [ACCOUNT]})
    for llm in (with_key, with_config):
        _ = llm._live_router()
        texts = (repr(llm), str(llm), llm.to_json(), str(llm.to_dict()), str(llm.to_payload()))
        assert not [text for text in texts if KEY in text]
    assert json.loads(lone_stage.llm().to_json())["model"] == MODEL


def test_what_a_trace_sees_are_metadata_and_settings(lone_stage: Any) -> None:
    """`to_payload` has the alias, its metadata and what is sent to the provider."""
    payload = lone_stage.llm(temperature=0.5).to_payload()

    assert payload["model"] == payload["model_name"] == MODEL
    assert payload["class_name"] == "freetier_llm"
    assert payload["temperature"] == 0.5


def test_a_stored_model_can_be_made_again(lone_stage: Any) -> None:
    """`from_dict` takes what `to_dict` gives; the router is not among it."""
    llm = lone_stage.llm(temperature=0.5, only=["north"], max_wait=None, system_prompt="Hi.")
    again = FreeTierLLM.from_dict(llm.to_dict())

    assert (again.model, again.temperature, again.only) == (MODEL, 0.5, ["north"])
    assert (again.max_wait, again.system_prompt, again.router) == (None, "Hi.", None)


def test_it_has_a_schema() -> None:
    """A model inside other Pydantic classes does not keep them from describing themselves."""
    properties = FreeTierLLM.model_json_schema()["properties"]

    assert "temperature" in properties
    assert "router" not in properties


def test_equal_configurations_share_a_router(lone_stage: Any) -> None:
    """Two models over the same accounts count together; others do not."""
    one, two = (FreeTierLLM(MODEL, config=lone_stage.config) for _ in range(2))
    other = FreeTierLLM(MODEL, config={**lone_stage.config, "strategy": "round-robin"})

    assert one._live_router() is two._live_router()
    assert other._live_router() is not one._live_router()
    assert lone_stage.llm()._live_router() is lone_stage.router


def test_the_router_is_made_by_the_first_call(lone_stage: Any) -> None:
    """Constructing reads nothing: a file that is not there is missed by the first call."""
    llm = FreeTierLLM(MODEL, config="/no/such/file.yaml")
    assert llm.router is None
    with pytest.raises(ConfigError, match=r"/no/such/file\.yaml"):
        llm.chat([ChatMessage(content="Hello")])


def test_a_key_belongs_to_its_provider() -> None:
    """`api_key` with `provider` is an account of its own; alone it is kept and warned of."""
    llm = FreeTierLLM("fast", provider="groq", api_key=KEY)
    (account,) = llm._live_router().setup.accounts
    assert (account.provider, account.secret.reveal()) == ("groq", KEY)

    with pytest.warns(UserWarning, match="api_key is not used"):
        alone = FreeTierLLM("fast", api_key=KEY)
    assert KEY not in repr(alone)


def test_copies_share_the_router(lone_stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied, deep-copied and pickled models use the same live router in one process."""
    llm = FreeTierLLM(MODEL, config=_named(lone_stage, monkeypatch))
    router = llm._live_router()
    revived = pickle.loads(pickle.dumps(llm))  # noqa: S301 - our own
    copies = [copy.copy(llm), copy.deepcopy(llm), llm.model_copy(), revived]

    assert [made._live_router() is router for made in copies] == [True] * 4


def test_a_model_with_a_written_key_is_not_pickled(lone_stage: Any) -> None:
    """A key never travels: the error names where it is written."""
    for llm in (
        FreeTierLLM("fast", provider="groq", api_key=KEY),
        FreeTierLLM("fast", config={"accounts": [ACCOUNT]}),
        lone_stage.llm(),
    ):
        with pytest.raises(ConfigError, match=r"auth\.api_key"):
            pickle.dumps(llm)


def test_a_model_travels_to_another_process(
    lone_stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere the router is made again from its configuration, with keys from there."""
    llm = FreeTierLLM(MODEL, config=_named(lone_stage, monkeypatch), temperature=0.5)
    assert llm.complete("Hello").text == "This is a fake answer to: Hello"
    (tmp_path / "llm.pickle").write_bytes(data := pickle.dumps(llm))
    program = (
        "import pickle, sys; llm = pickle.load(open(sys.argv[1], 'rb'));"
        "print(llm.temperature, llm.complete('Hello').text)"
    )
    words = [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / "llm.pickle")]
    told = subprocess.run(words, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "0.5 This is a fake answer to: Hello"
    assert b"fake-key-of" not in data


def _named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the stage's configuration with names of variables instead of keys."""
    accounts = []
    for entry in stage.config["accounts"]:
        name = f"{entry['provider'].upper()}_KEY"
        monkeypatch.setenv(name, entry["auth"]["api_key"])
        accounts.append({**entry, "auth": {"api_key": f"${{{name}}}"}})
    return {**stage.config, "accounts": accounts}


def test_a_models_router_survives_what_cannot_be_pickled(lone_stage: Any) -> None:
    """The base class drops in silence what cannot travel; a router's refusal is heard."""
    router = Router(lone_stage.config, listeners=[print])
    with pytest.raises(ConfigError, match="listeners"):
        pickle.dumps(FreeTierLLM(MODEL, router=router))


def test_a_callback_manager_may_be_assigned(lone_stage: Any) -> None:
    """`Settings` sets it each time the model is read."""
    llm, manager = lone_stage.llm(), CallbackManager([])
    llm.callback_manager = manager

    assert llm.callback_manager is manager


def test_a_rate_limiter_is_asked_once_per_call(lone_stage: Any) -> None:
    """LlamaIndex's own limiter stays usable and counts each call once."""

    class Limiter(BaseRateLimiter):
        asked = 0

        def acquire(self, num_tokens: int = 0) -> None:
            self.asked += 1

        async def async_acquire(self, num_tokens: int = 0) -> None:
            self.asked += 1

    limiter = Limiter()
    llm = lone_stage.llm(rate_limiter=limiter)
    llm.complete("Hello")
    list(llm.stream_complete("Hello"))
    llm.chat([ChatMessage(content="Hello")])

    assert limiter.asked == 3


def test_the_package_loads_nothing_of_langchain() -> None:
    """One framework's adapter never loads the other."""
    program = "import sys, freetier_llamaindex; print(*sys.modules)"
    words = [sys.executable, "-c", program]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in told.stdout.split()}

    assert "llama_index" in loaded
    assert not loaded & {"langchain", "langchain_core", "freetier_langchain"}


def test_without_llamaindex_the_extra_is_named() -> None:
    """A missing framework is an `ImportError` that says what to install."""
    program = (
        "import sys; sys.modules['llama_index'] = None\n"
        "try: import freetier_llamaindex\n"
        "except ImportError as error: print(error)"
    )
    words = [sys.executable, "-c", program]
    told = subprocess.run(words, capture_output=True, text=True, check=True)

    assert 'pip install "freetier[llamaindex]"' in told.stdout

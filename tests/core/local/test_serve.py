"""The settings that the server is started with."""

from __future__ import annotations

from types import SimpleNamespace

from freetier.local.child import Order
from freetier.local.serve import settings

ORDER = Order(weights="/w.gguf", model="small", api_key="secret-key", slots=3, context=1000)


def _params(**fields) -> SimpleNamespace:
    return SimpleNamespace(
        model=SimpleNamespace(),
        cpuparams=SimpleNamespace(),
        cpuparams_batch=SimpleNamespace(),
        **fields,
    )


def test_the_server_listens_on_loopback_with_a_key():
    """It would let any web page ask, so it is never without one."""
    params = settings(ORDER, _params(hostname="0.0.0.0"))
    assert params.hostname == "127.0.0.1"
    assert params.api_keys == ["secret-key"]
    assert params.port == 0


def test_newer_names_of_the_engine_are_known():
    """Its structure mirrors llama.cpp's, whose names change."""
    params = settings(ORDER, _params(hostnames=["0.0.0.0"], ui=True, model_alias=set()))
    assert params.hostnames == ["127.0.0.1"]
    assert params.ui is False
    assert params.model_alias == {"small"}


def test_each_slot_has_the_whole_context():
    """The engine divides its context between the slots."""
    params = settings(ORDER, _params())
    assert (params.n_parallel, params.n_ctx) == (3, 3000)


def test_one_thread_decodes():
    """Two would be several times slower beside a busy process."""
    assert settings(ORDER, _params()).cpuparams.n_threads == 1


def test_the_chat_template_lists_tools_and_names_no_model():
    """The template within the weights does neither."""
    template = settings(ORDER, _params()).chat_template
    assert "<tools>" in template
    assert "SmolLM" not in template


def test_an_order_survives_the_pipe_and_hides_its_key():
    """One line, read back as it was; its repr has no key."""
    assert Order.from_line(ORDER.as_line()) == ORDER
    assert ORDER.as_line().count(b"\n") == 1
    assert "secret-key" not in repr(ORDER)

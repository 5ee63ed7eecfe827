"""`freetier init`: the file it writes is the configuration that the keys make."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import typer
import yaml

from freetier import Router, catalog
from freetier.cli.first_file import first_file
from freetier.cli.init import init, keys_found, write

VARIABLES = catalog.key_variables()
PROVIDERS = list(catalog.load(catalog.provider_names()).values())


@pytest.fixture
def keys(monkeypatch):
    """Two keys and no others."""
    for names in VARIABLES.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GROQ_API_KEY", "canary-key-1")
    monkeypatch.setenv("MISTRAL_API_KEY", "canary-key-2")


def test_it_writes_what_the_keys_make(keys, tmp_path, capsys):
    """The file loads to the same accounts as the environment; no key is in it."""
    file = tmp_path / "freetier.yaml"
    init(file)
    said = capsys.readouterr().out
    assert [a.id for a in Router(file).setup.accounts] == ["groq", "mistral"]
    assert [a.id for a in Router.from_env().setup.accounts] == ["groq", "mistral"]
    assert "canary" not in file.read_text() + said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "openrouter.ai/keys" in said
    assert said.rstrip().endswith(f"Now: freetier check -c {file}, then freetier chat -c {file}")
    assert list(tmp_path.iterdir()) == [file]


def test_without_a_key_it_says_what_to_run_then(keys, monkeypatch, tmp_path, capsys):
    """A command that works as it stands, also where the file has a name of its own."""
    for name in ("GROQ_API_KEY", "MISTRAL_API_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    init()
    assert capsys.readouterr().out.endswith("\nSet a key, then: freetier init --force\n")
    init(Path("my own.yaml"))
    said = capsys.readouterr().out
    assert said.endswith("\nSet a key, then: freetier init 'my own.yaml' --force\n")


def test_a_file_that_is_there_stays(keys, tmp_path, capsys):
    """Unless it is forced; status 2 and both ways out."""
    file = tmp_path / "mine.yaml"
    file.write_text("mine")
    with pytest.raises(typer.Exit) as end:
        init(file)
    assert (end.value.exit_code, file.read_text()) == (2, "mine")
    assert "--force" in capsys.readouterr().err
    init(file, force=True, json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["accounts"] == {"groq": "GROQ_API_KEY", "mistral": "MISTRAL_API_KEY"}
    assert Router(file).setup.accounts


def test_a_folder_that_is_not_there_is_one_sentence(keys, tmp_path, capsys):
    """And nothing is left behind."""
    with pytest.raises(typer.Exit) as end:
        init(tmp_path / "no" / "freetier.yaml")
    assert end.value.exit_code == 2
    assert "no such file or directory" in capsys.readouterr().err


def test_what_cannot_be_finished_is_not_there(tmp_path, monkeypatch):
    """Whole or not at all."""
    file = tmp_path / "freetier.yaml"
    with pytest.raises(UnicodeEncodeError):
        write(file, "\ud800")
    assert not file.exists()


@pytest.mark.parametrize("there", [{}, {"groq": "GROQ_API_KEY"}], ids=["no key", "a key"])
def test_every_provider_in_it_works_once_its_marks_are_taken_out(there):
    """What is offered as a comment is a configuration."""
    text = first_file("f.yaml", there, PROVIDERS, VARIABLES)
    lines = text.replace("accounts: []", "accounts:").splitlines()
    until = next(n for n, line in enumerate(lines) if line.startswith("# Names of your own"))
    marked = ("  # - ", "  #   ", "  # # ")
    bare = [line.replace("  # ", "  ", 1) if line.startswith(marked) else line for line in lines]
    tree = yaml.safe_load("\n".join([*bare[:until], *lines[until:]]))
    names = [account["provider"] for account in tree["accounts"]]
    assert len(names) == len(set(names)) > 15
    environ = {name: "k" for several in VARIABLES.values() for name in several}
    router = Router(tree, environ={**environ, "CLOUDFLARE_ACCOUNT_ID": "a"})
    assert len(router.setup.accounts) == len(names)


def test_only_keys_that_say_something_count():
    """An empty variable is no key."""
    variables = {"a": ("A1", "A2"), "b": ("B",)}
    assert keys_found(variables, {"A1": " ", "A2": "k", "B": ""}) == {"a": "A2"}


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_a_directory_is_no_file_to_write(keys, name, tmp_path, monkeypatch, capsys):
    """Forced or not; it is told in one line."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.Exit) as left:
        init(Path(name), force=True)
    assert left.value.exit_code == 2
    assert capsys.readouterr().err == f"{name}: is a directory; name a file in it\n"
    assert not list(tmp_path.iterdir())

"""`freetier simulate` runs a file, or says what is wrong with it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from freetier.cli.app import app

TREE = {
    "seconds": 60,
    "providers": [{"name": "alpha", "limits": [{"amount": 5}]}],
    "traffic": {"load": 2},
}


def run(*words: object):
    """Run the command."""
    return CliRunner().invoke(app, ["simulate", *map(str, words)])


def test_figures_come_as_text_and_as_json_and_as_a_picture(tmp_path) -> None:
    """The same figures, whichever way."""
    path, picture = tmp_path / "it.yaml", tmp_path / "it.png"
    path.write_text(json.dumps(TREE))
    told = json.loads(run(path, "--seed", 3, "--json").stdout)
    text = run(path, "--seed", 3, "--picture", picture)
    assert f"served {told['served']}" in text.stdout
    assert 5 <= told["served"] <= 10
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_file_that_is_wrong_is_told_by_its_place(tmp_path) -> None:
    """With the status of what cannot be used."""
    path = tmp_path / "it.yaml"
    path.write_text(json.dumps({**TREE, "trafic": {}}))
    done = run(path)
    assert done.exit_code == 2
    assert "trafic" in done.stderr
    assert "did you mean 'traffic'" in done.stderr

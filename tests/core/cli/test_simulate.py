"""`freetier simulate` runs a file, or says what is wrong with it."""

from __future__ import annotations

import inspect
import json
import re
import textwrap

from typer.testing import CliRunner

from freetier.cli.app import app
from freetier.testing import read_scenario

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
    assert re.search(rf"^served +\S+ {told['served']} ", text.stdout, re.MULTILINE)
    assert 5 <= told["served"] <= 10
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_scenario_that_the_help_leads_to_runs(tmp_path) -> None:
    """What is written there is a file as it stands."""
    told = " ".join(run("--help").stdout.split())
    assert "python -m pydoc freetier.testing.read_scenario" in told
    (example,) = re.findall(r"\n\n((?: {4}.*\n)+)\n", f"{inspect.getdoc(read_scenario)}\n")
    path = tmp_path / "hour.yaml"
    path.write_text(textwrap.dedent(example))
    done = run(path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("a busy hour, seed 0: 60 min of traffic")


def test_a_file_that_is_wrong_is_told_by_its_place(tmp_path) -> None:
    """With the status of what cannot be used."""
    path = tmp_path / "it.yaml"
    path.write_text(json.dumps({**TREE, "trafic": {}}))
    done = run(path)
    assert done.exit_code == 2
    assert "trafic" in done.stderr
    assert "did you mean 'traffic'" in done.stderr


def test_a_picture_that_cannot_be_drawn_is_told(tmp_path) -> None:
    """The figures come all the same; the option that was wrong is named."""
    path = tmp_path / "it.yaml"
    path.write_text(json.dumps(TREE))
    done = run(path, "--picture", tmp_path / "it.nothing")
    assert done.exit_code == 2
    assert "served" in done.stdout
    assert done.stderr.startswith("--picture: ")


def test_a_scenario_that_is_not_there_is_told_to_programs_too(tmp_path) -> None:
    """As with every other command: a document on one side, a sentence on the other."""
    done = run(tmp_path / "gone.yaml", "--json")
    assert done.exit_code == 2
    assert "gone.yaml" in json.loads(done.stdout)["error"]["message"]
    assert "gone.yaml" in done.stderr

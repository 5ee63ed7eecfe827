"""Somebody else who uses our accounts, past our router."""

from __future__ import annotations

import json
import random

from freetier.testing.fleet import Fleet
from freetier.testing.provider import FakeProvider
from freetier.testing.replies import Incoming
from freetier.testing.simulation.record import OTHERS, OURS, Record
from freetier.testing.simulation.scenario import Scenario, Supply
from freetier.testing.simulation.stage import Stage

MINUTE = 60.0


def let_in(scenario: Scenario, fleet: Fleet, stage: Stage, record: Record, seed: int) -> None:
    """Let strangers come for as long as callers do."""
    for supply in scenario.supplies:
        if supply.others > 0:
            for label in fleet.providers[supply.name].register.accounts:
                stranger = Stranger(supply, fleet, label, record, seed)
                stranger.come(stage, scenario.seconds)


class Stranger:
    """One of them, with the key of one account."""

    def __init__(self, supply: Supply, fleet: Fleet, label: str, record: Record, seed: int) -> None:
        self._provider: FakeProvider = fleet.providers[supply.name]
        self._record = record
        self._rate = supply.others / MINUTE
        self._dice = random.Random(f"stranger {label} {seed}")  # noqa: S311 - repeatable
        body = {"model": supply.model, "messages": [{"role": "user", "content": "4 Hi"}]}
        self._asked = Incoming(
            method="POST",
            path=self._provider.form.base_path + "/chat/completions",
            headers={"authorization": f"Bearer {fleet.key(label)}"},
            body=json.dumps({**body, "max_tokens": 4}).encode(),
        )

    def come(self, stage: Stage, until: float) -> None:
        """Come by chance, again and again."""
        pause = self._dice.expovariate(self._rate)
        if stage.elapsed + pause >= until:
            return

        def ask() -> None:
            self._record.whose = OTHERS
            self._provider.reply(self._asked, stage.now())
            self._record.whose = OURS
            self.come(stage, until)

        stage.after(pause, ask)

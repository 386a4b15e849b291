"""A made-up authority at the other end of the shared folder: late, forgetful, repeating itself, and in no order.

For tests and demonstrations only; a fixed seed makes it do the same every time.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from linli_migrants.exchange.port import Standing
from linli_migrants.exchange.sealing import Damaged, Key, batches_in, move_batch, read_batch, write_batch

BATCHES_MAX: Final = 1_000


@dataclass(slots=True)
class Simulator:
    """Reads `out`, writes `in` and `lists`. `faults` is the share of messages and answers that something befalls.

    What it knows is `received` (by message id), and per application's number what it decided; every answer has one
    key, also when it is given twice.
    """

    folder: Path
    key: Key
    today: date
    faults: float = 0.0
    seed: int = 1
    refusing: float = 0.1
    standing: dict[str, Standing] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)
    _answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _late: list[dict[str, Any]] = field(default_factory=list)
    _random: random.Random = field(init=False)
    _batches: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 (a simulation, not a secret)

    def step(self, *, lists: bool = False) -> None:
        """Read what came, decide, answer some of it; with `lists`, say where every application stands."""
        outgoing, self._late = self._late, []
        for name in batches_in(self.folder / "out", BATCHES_MAX):
            if self._befalls():
                continue  # not seen this time
            for line in self._read(name):
                outgoing += self._again(line) if line.get("again") else self._message(line)
        self._send(outgoing)
        if lists:
            content = [{"number": number, "standing": one.value} for number, one in self.standing.items()]
            self._batches += 1
            write_batch(self.folder / "lists", f"list-{self._batches:08d}", self.key, content)

    def _read(self, name: str) -> list[dict[str, Any]]:
        try:
            lines = read_batch(self.folder / "out", name, self.key)
        except Damaged:
            lines = []
        move_batch(self.folder / "out", self.folder / "taken", name)
        return lines

    def _message(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        """Decide an application that is new here; forget some, and answer some with an error."""
        if line["id"] in self.received:
            return []
        if self._befalls(third=True):
            return []  # forgotten: the list will not have it
        number = line["number"]
        if self._befalls(third=True):
            return [{"id": f"e-{line['id']}-{self._random.random()}", "number": number, "kind": "error"}]
        self.received.add(line["id"])
        if number in self.standing:
            return []
        self._answers[number] = self._decide(number)
        return list(self._answers[number])

    def _decide(self, number: str) -> list[dict[str, Any]]:
        reference = f"公字{number}"
        if self._random.random() < self.refusing:
            self.standing[number] = Standing.REFUSED
            details = {"reference": reference, "reason": "材料核查不符"}
            return [{"id": f"r-{number}", "number": number, "kind": "refused", "details": details}]
        self.standing[number] = Standing.ISSUED
        issued = {
            "reference": reference,
            "permit_number": f"JZ{number.replace('-', '')}",
            "issued_on": self.today.isoformat(),
        }
        return [
            {"id": f"a-{number}", "number": number, "kind": "approved", "details": {"reference": reference}},
            {"id": f"i-{number}", "number": number, "kind": "issued", "details": issued},
        ]

    def _again(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self._answers.get(line["number"], ()))

    def _send(self, answers: list[dict[str, Any]]) -> None:
        now: list[dict[str, Any]] = []
        for answer in answers:
            fate = self._random.random() / self.faults if self.faults else 1.0
            if fate < 0.25:
                self._late.append(answer)
            elif fate < 0.5:
                now += [answer, answer]
            elif fate < 0.75:
                continue  # lost
            else:
                now.append(answer)
        if self.faults:
            self._random.shuffle(now)
        if now:
            self._batches += 1
            name = f"answers-{self._batches:08d}"
            write_batch(self.folder / "in", name, self.key, now)
            if self._befalls(third=True):
                self._damage(name)

    def _damage(self, name: str) -> None:
        path = self.folder / "in" / f"{name}.jsonl"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))

    def _befalls(self, *, third: bool = False) -> bool:
        return self._random.random() < self.faults / (3 if third else 1)

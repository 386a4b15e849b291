"""What is wrong with a tenant profile: each fault with its file, line and reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from linli.errors import Invalid

FAULTS_MAX = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `line` counts from 1; 0 means the file as a whole.

    `code` is looked up under `problems.<code>` with `details`, as the code of an error is.
    """

    file: str
    line: int
    code: str
    details: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.details.items())
        return f"{self.file}:{self.line}: {self.code}({details})"


class BrokenProfile(Invalid):
    """A profile is broken (`file`, `line`, `reason` of the first fault, `count` of all)."""

    code = "tenancy.profile_broken"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(file=first.file, line=first.line, reason=first.code, count=len(faults))
        self.faults = tuple(faults[:FAULTS_MAX])

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)

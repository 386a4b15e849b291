"""What a state machine refuses."""

from __future__ import annotations

from typing import ClassVar

from linli.errors import Conflict, Forbidden


class UndefinedTransition(Conflict):
    """The table of `machine` has no `action` for something in `state`."""

    code: ClassVar[str] = "workflow.undefined_transition"


class PermissionMissing(Forbidden):
    """The actor does not hold the `permission` that `action` needs."""

    code: ClassVar[str] = "workflow.permission_missing"


class OwnWork(Forbidden):
    """Nobody verifies, approves, scores or appraises their own work (maker ≠ checker)."""

    code: ClassVar[str] = "workflow.own_work"

"""The state machine and the checks that it makes on its own table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from linli.workflow.errors import OwnWork, PermissionMissing, UndefinedTransition


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision rests on: who acts, what they may do here, on which subject, with which input.

    `actor_id` is the actor's id, or several: all accounts of one person, who is nobody else under another of them;
    None is the system.
    `permissions` are those that the actor holds at the subject's area. `subject` is a mapping or an object;
    the fields named by `not_by` and by guards are read from it. `values` is what the command brings.
    """

    actor_id: object
    permissions: Collection[str] = frozenset()
    subject: object = None
    values: Mapping[str, object] = field(default_factory=dict)

    def of_subject(self, name: str) -> object:
        """Give a field of the subject.

        Raises:
            LookupError: the subject has no such field (our own mistake; the transition does not happen).
        """
        if isinstance(self.subject, Mapping):
            return self.subject[name]
        try:
            return getattr(self.subject, name)
        except AttributeError as error:
            raise LookupError(f"{type(self.subject).__name__} has no field {name!r}") from error

    def by_one_of(self, accounts: object) -> bool:
        """Whether the actor is among these: an id, several, or None (nobody)."""
        return _names(accounts, self.actor_id)


_SEVERAL: Final = (list, tuple, set, frozenset)
Guard = Callable[[Facts], None]
"""A named function that raises a `LinliError` to refuse a transition and otherwise returns None."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: in `source`, `action` leads to `target`.

    `permission` must be held; the fields in `not_by` (`("created_by", "claimed_by")`) must name other people
    than the actor; `guard` has the last word. A field may hold one id, several, or None (nobody yet).
    """

    action: str
    source: str
    target: str
    permission: str | None = None
    guard: Guard | None = None
    not_by: tuple[str, ...] = ()


def has_part(facts: Facts, *, persons: object, actors: object) -> bool:
    """Whether the actor has a part in a case, for guards that ask for somebody else; nobody (the system) has one.

    `persons` are those whose case it is, `actors` those who acted in it before: an id, several, or None.
    `facts.values["person_id"]` is the person behind the actor's account.
    """
    own = facts.values["person_id"]
    return facts.actor_id is None or facts.by_one_of(actors) or (own is not None and _names(persons, own))


class MachineError(ValueError):
    """A table that contradicts itself: a programming mistake, found when the machine is made."""


class StateMachine:
    """A table of transitions, checked once, and then asked.

    Every state that nothing leaves must be named in `final`.

    Raises:
        MachineError: the table contradicts itself; the message names every fault.
    """

    def __init__(
        self, name: str, initial: str, *, transitions: Collection[Transition], final: Collection[str] = ()
    ) -> None:
        self.name = name
        self.initial = initial
        self.final = tuple(final)
        self.transitions = tuple(transitions)
        ends = (state for row in self.transitions for state in (row.source, row.target))
        self.states: tuple[str, ...] = tuple(dict.fromkeys((initial, *ends)))
        self.actions: tuple[str, ...] = tuple(dict.fromkeys(row.action for row in self.transitions))
        self._table = {(str(row.source), str(row.action)): row for row in self.transitions}
        self.check()

    def apply(self, state: str, action: str, facts: Facts) -> str:
        """Give the state to which `action` leads from `state`; nothing else happens.

        Raises:
            UndefinedTransition: the table has no such row.
            PermissionMissing: the actor lacks the row's permission.
            OwnWork: a field in the row's `not_by` names the actor.
            LinliError: whatever the row's guard refuses with.
        """
        row = self.transition(state, action)
        if row.permission is not None and row.permission not in facts.permissions:
            raise PermissionMissing(machine=self.name, action=action, permission=row.permission)
        for name in row.not_by:
            if facts.by_one_of(facts.of_subject(name)):
                raise OwnWork(machine=self.name, action=action, field=name)
        if row.guard is not None:
            row.guard(facts)
        return row.target

    def transition(self, state: str, action: str) -> Transition:
        """Give the row of the table for `action` in `state`.

        Raises:
            UndefinedTransition: there is none.
        """
        row = self._table.get((state, action))
        if row is None:
            raise UndefinedTransition(machine=self.name, state=state, action=action)
        return row

    def actions_in(self, state: str) -> tuple[str, ...]:
        """Give the actions that the table defines in `state`, in the table's order."""
        return tuple(row.action for row in self.transitions if row.source == state)

    def legal(self) -> list[tuple[str, str]]:
        """Give every pair of state and action that the table defines."""
        return [(row.source, row.action) for row in self.transitions]

    def illegal(self) -> list[tuple[str, str]]:
        """Give every pair of a known state and a known action that the table does not define."""
        pairs = ((state, action) for state in self.states for action in self.actions)
        return [pair for pair in pairs if pair not in self._table]

    def check(self) -> None:
        """Look for contradictions in the table; called when the machine is made.

        Raises:
            MachineError: a state is unknown, unreachable, or stuck without being final; a final state is
                left; a pair of state and action occurs twice; a guard has no name.
        """
        faults = [*self._faults_of_states(), *self._faults_of_rows()]
        if faults:
            raise MachineError(f"state machine {self.name!r}: " + "; ".join(faults))

    def to_mermaid(self) -> str:
        """Draw the table as a Mermaid state diagram; guards and permissions stand in brackets."""
        rows = [f"    {row.source} --> {row.target}: {_label(row)}" for row in self.transitions]
        ends = [f"    {state} --> [*]" for state in self.final]
        return "\n".join(["stateDiagram-v2", f"    [*] --> {self.initial}", *rows, *ends]) + "\n"

    def _faults_of_states(self) -> list[str]:
        left = {row.source for row in self.transitions}
        reachable = self._reachable()
        unknown = [f"final state {state!r} is unknown" for state in self.final if state not in self.states]
        unreachable = [f"state {s!r} is unreachable" for s in self.states if s not in reachable]
        leaving = [f"final state {state!r} is left" for state in self.final if state in left]
        stuck = [
            f"state {state!r} is never left and not final"
            for state in self.states
            if state not in left and state not in self.final
        ]
        return [*unknown, *unreachable, *leaving, *stuck]

    def _faults_of_rows(self) -> list[str]:
        counts = Counter((row.source, row.action) for row in self.transitions)
        twice = [
            f"action {action!r} in state {state!r} occurs twice"
            for (state, action), n in counts.items()
            if n > 1
        ]
        nameless = [
            f"the guard of action {row.action!r} in state {row.source!r} has no name"
            for row in self.transitions
            if row.guard is not None and not _guard_name(row.guard).isidentifier()
        ]
        return [*twice, *nameless]

    def _reachable(self) -> set[str]:
        seen: set[str] = set()
        waiting = [self.initial]
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting.extend(row.target for row in self.transitions if row.source == state)
        return seen


def _names(value: object, actor_id: object) -> bool:
    """Tell whether a field that holds an id, several ids or None names the actor.

    Ids are compared as text: one side may come from a token and the other from the database, and a UUID that
    differs from its own text would let people check their own work.
    """
    if isinstance(value, _SEVERAL):
        return any(_names(one, actor_id) for one in value)
    if isinstance(actor_id, _SEVERAL):
        return any(_names(value, one) for one in actor_id)
    return value is not None and str(value).lower() == str(actor_id).lower()


def _guard_name(guard: Guard) -> str:
    return str(getattr(guard, "__name__", ""))


def _label(row: Transition) -> str:
    limits = [row.permission] if row.permission else []
    limits += [_guard_name(row.guard)] if row.guard else []
    limits += [f"not {name}" for name in row.not_by]
    return f"{row.action} [{', '.join(limits)}]" if limits else row.action

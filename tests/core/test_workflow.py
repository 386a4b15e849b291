"""State machines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid4

import pytest

from linli.context import SYSTEM
from linli.db.database import Database
from linli.errors import Conflict, Forbidden, Invalid
from linli.identity import people
from linli.registry import Composition
from linli.testing.factories import Bench
from linli.workflow import (
    Facts,
    MachineError,
    OwnWork,
    PermissionMissing,
    StateMachine,
    Transition,
    UndefinedTransition,
    decision_facts,
    has_part,
)

ACTING, PERSON = UUID(int=1), UUID(int=2)
ANOTHER = UUID(int=3)


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REFUSED = "refused"


class NoEvidence(Invalid):
    code = "test.no_evidence"


def has_evidence(facts: Facts) -> None:
    if not facts.values.get("evidence"):
        raise NoEvidence


CLAIM = StateMachine(
    "claim",
    State.DRAFT,
    transitions=(
        Transition("submit", State.DRAFT, State.SUBMITTED, permission="claim.submit", guard=has_evidence),
        Transition(
            "verify",
            State.SUBMITTED,
            State.VERIFIED,
            permission="claim.verify",
            not_by=("created_by", "claimed_by"),
        ),
        Transition("refuse", State.SUBMITTED, State.REFUSED, permission="claim.verify"),
        Transition("return", State.SUBMITTED, State.DRAFT),
    ),
    final=(State.VERIFIED, State.REFUSED),
)
ALL = frozenset({"claim.submit", "claim.verify"})
ACTOR = UUID("018f0000-0000-7000-8000-00000000abcd")


@dataclass
class Claim:
    created_by: object
    claimed_by: object = None


def facts(actor: object = ACTOR, subject: object = None, permissions: frozenset[str] = ALL) -> Facts:
    return Facts(actor, permissions, subject or Claim(uuid4()), {"evidence": "photo"})


@pytest.mark.parametrize(("state", "action"), CLAIM.legal())
def test_every_legal_transition_leads_to_its_target(state: str, action: str) -> None:
    assert CLAIM.apply(state, action, facts()) == CLAIM.transition(state, action).target


@pytest.mark.parametrize(("state", "action"), CLAIM.illegal())
def test_every_illegal_transition_is_refused(state: str, action: str) -> None:
    with pytest.raises(UndefinedTransition) as refusal:
        CLAIM.apply(state, action, facts())
    assert refusal.value.details == {"machine": "claim", "state": state, "action": action}
    assert isinstance(refusal.value, Conflict)
    assert refusal.value.code == "workflow.undefined_transition"


def test_legal_and_illegal_are_all_pairs_and_share_none() -> None:
    legal, illegal = set(CLAIM.legal()), set(CLAIM.illegal())
    assert not legal & illegal
    assert legal | illegal == {(s, a) for s in CLAIM.states for a in CLAIM.actions}
    assert len(legal) == 4
    assert len(illegal) == 12


@pytest.mark.parametrize(("state", "action"), [("lost", "submit"), ("draft", "explode"), ("", "")])
def test_unknown_states_and_actions_are_refused(state: str, action: str) -> None:
    with pytest.raises(UndefinedTransition):
        CLAIM.apply(state, action, facts())


def test_states_from_the_database_are_plain_text_and_work_alike() -> None:
    assert CLAIM.apply("draft", "submit", facts()) is State.SUBMITTED


def test_an_actor_without_the_permission_is_refused() -> None:
    with pytest.raises(PermissionMissing) as refusal:
        CLAIM.apply("submitted", "verify", facts(permissions=frozenset({"claim.submit"})))
    assert refusal.value.details["permission"] == "claim.verify"
    assert isinstance(refusal.value, Forbidden)


def test_a_guard_refuses_with_its_own_error() -> None:
    with pytest.raises(NoEvidence):
        CLAIM.apply("draft", "submit", Facts(ACTOR, ALL))


@pytest.mark.parametrize(
    "subject",
    [
        Claim(created_by=ACTOR),
        Claim(created_by=uuid4(), claimed_by=ACTOR),
        Claim(created_by=str(ACTOR).upper()),
        Claim(created_by=[uuid4(), ACTOR]),
        {"created_by": ACTOR, "claimed_by": None},
    ],
)
def test_nobody_verifies_their_own_work(subject: object) -> None:
    with pytest.raises(OwnWork) as refusal:
        CLAIM.apply("submitted", "verify", facts(subject=subject))
    assert refusal.value.code == "workflow.own_work"
    other = uuid4()
    assert CLAIM.apply("submitted", "verify", facts(actor=other, subject=subject)) == "verified"


@pytest.mark.parametrize("subject", [object(), {"created_by": None}])
def test_a_subject_without_the_field_fails_closed(subject: object) -> None:
    with pytest.raises(LookupError):
        CLAIM.apply("submitted", "verify", facts(subject=subject))


@pytest.mark.parametrize(
    ("actor", "own", "persons", "actors", "expected"),
    [
        (None, None, None, None, True),
        (ACTING, None, None, None, False),
        (ACTING, None, PERSON, None, False),
        (ACTING, PERSON, PERSON, None, True),
        (ACTING, PERSON, str(PERSON), None, True),
        (ACTING, PERSON, frozenset({ANOTHER, PERSON}), None, True),
        (ACTING, PERSON, ANOTHER, ANOTHER, False),
        (ACTING, None, None, ACTING, True),
        (ACTING, None, None, str(ACTING), True),
        (ACTING, None, None, [None, ANOTHER, ACTING], True),
        (ACTING, None, None, [None, ANOTHER], False),
        (ACTING, PERSON, ACTING, PERSON, False),
    ],
)
def test_who_has_a_part_in_a_case(
    actor: UUID | None, own: UUID | None, persons: object, actors: object, expected: bool
) -> None:
    facts = Facts(actor_id=actor, values={"person_id": own})
    assert has_part(facts, persons=persons, actors=actors) is expected


@pytest.mark.parametrize(("created_by", "own"), [(ACTING, True), ([ANOTHER, PERSON], True), (ANOTHER, False)])
def test_the_accounts_of_one_person_are_one_actor(created_by: object, own: bool) -> None:
    accounts = (ACTING, PERSON)
    machine = StateMachine(
        "two", "a", transitions=[Transition("go", "a", "b", not_by=("created_by",))], final=("b",)
    )
    facts = Facts(actor_id=accounts, subject={"created_by": created_by}, values={"person_id": None})
    assert has_part(facts, persons=None, actors=created_by) is own
    if own:
        with pytest.raises(OwnWork):
            machine.apply("a", "go", facts)
    else:
        assert machine.apply("a", "go", facts) == "b"


def test_the_actions_of_a_state_are_given_in_the_tables_order() -> None:
    assert CLAIM.actions_in("submitted") == ("verify", "refuse", "return")
    assert CLAIM.actions_in("verified") == ()


GO = Transition("go", "a", "b")


@pytest.mark.parametrize(
    ("transitions", "final", "fault"),
    [
        ((GO,), ("b", "c"), "final state 'c' is unknown"),
        ((GO, Transition("go", "x", "b")), ("b",), "state 'x' is unreachable"),
        ((GO, Transition("back", "b", "a")), ("b",), "final state 'b' is left"),
        ((GO,), (), "state 'b' is never left and not final"),
        ((GO, Transition("go", "a", "c")), ("b", "c"), "action 'go' in state 'a' occurs twice"),
        ((Transition("go", "a", "b", guard=lambda _: None),), ("b",), "has no name"),
        ((), (), "state 'a' is never left and not final"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(
    transitions: tuple[Transition, ...], final: tuple[str, ...], fault: str
) -> None:
    with pytest.raises(MachineError) as refusal:
        StateMachine("broken", "a", transitions=transitions, final=final)
    assert fault in str(refusal.value)
    assert "'broken'" in str(refusal.value)


def test_a_diagram_shows_every_transition_with_its_limits() -> None:
    lines = CLAIM.to_mermaid().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> draft"]
    assert "    draft --> submitted: submit [claim.submit, has_evidence]" in lines
    assert "    submitted --> verified: verify [claim.verify, not created_by, not claimed_by]" in lines
    assert "    submitted --> draft: return" in lines
    assert lines[-1] == "    refused --> [*]"


async def test_a_decision_rests_on_the_person_behind_the_account(
    database: Database, composition: Composition
) -> None:
    bench = Bench(database, composition)
    tenant = await bench.tenant()
    one, again, somebody = (bench.actor(()) for _ in range(3))
    async with bench.context(tenant) as ctx:
        person = await people.register(ctx, area_id=None, full_name="演示张三")
    one, again = await bench.one_person(tenant, person.id, one, again)
    claim = Claim(created_by=one.id)
    for actor, own in ((one, True), (again, True), (somebody, False), (SYSTEM, False)):
        async with bench.context(tenant, actor=actor) as ctx:
            facts = await decision_facts(ctx, claim, permissions=ALL)
            assert facts.by_one_of(claim.created_by) is own
            assert has_part(facts, persons=None, actors=claim.created_by) is (own or actor is SYSTEM)
            assert facts.values["person_id"] == actor.person_id

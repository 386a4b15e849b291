"""The node types of residence permits and of the exchange with the authority, declared over their tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from linli_graphql.plugin import (
    Area,
    Connection,
    GraphQLRequest,
    IssuedDocument,
    Node,
    Person,
    column,
    computed,
    extend,
    many,
    node,
    one,
)
from linli_migrants import exchange_tables, permit_tables
from linli_migrants.graphql.living_nodes import MigrantStay
from linli_migrants.graphql.permit_enums import (
    AnswerKind,
    AnswerState,
    ApplicationState,
    Ground,
    MessageState,
    Missing,
    PaperKind,
    PermitState,
)
from linli_migrants.permit_dates import window_opens


@node(
    permit_tables.Application,
    plural="migrant_applications",
    permission="migrants.permit.read",
    own_column="person_id",
    filters=("number", "state", "person", "decision_due_on"),
    group_by=("state", "area", "ground"),
)
class MigrantApplication(Node):
    """An application for a residence permit."""

    number: str = column("The number of its acceptance slip, which anybody can check.")
    ground: Ground = column("By what the person lives here lawfully and steadily.")
    state: ApplicationState = column("Where it stands.")
    submitted_at: datetime | None = column("When it was handed in last.")
    return_until: datetime | None = column("Until when it can be returned as incomplete.")
    returned_at: datetime | None = column("When it was returned.")
    note: str = column("What was said with the return; empty when nothing was.")
    accepted_at: datetime | None = column("When it was accepted.")
    remote: bool = column("Whether the time of remote areas holds.")
    decision_due_on: date | None = column("The day by which the authority decides.")
    forwarded_at: datetime | None = column("When it was handed on to the authority.")
    decided_at: datetime | None = column("When the decision was entered.")
    decision_reference: str = column("The authority's reference; empty when there is none.")
    refuse_reason: str = column("Why it was refused; empty when it was not.")
    rule_version: str = column("The rule by which it was refused.")
    objection_until: date | None = column("The last day on which one can object.")
    objection: str = column("What the applicant objects; empty when nothing.")
    objection_answer: str = column("What was decided on the objection, and why.")
    area: Area | None = one("area_id", "Where the person lives.")
    person: Person | None = one("person_id", "Who applies.")
    stay: MigrantStay | None = one("stay_id", "The stay that it rests on.")
    papers: Connection[MigrantPaper] = many("application_id", "The papers that were shown.")
    documents: Connection[IssuedDocument] = many("subject_id", "The slips that were issued for it.")

    if TYPE_CHECKING:
        lacking: str

    @computed(needs=("lacking",))
    def missing(self, request: GraphQLRequest) -> list[Missing]:
        """All that it lacked when it was returned; nothing once it is accepted."""
        return [Missing(one) for one in self.lacking.split() if one in tuple(Missing)]

    @computed(needs=("number",))
    def verification_path(self, request: GraphQLRequest) -> str:
        """The path of the public page that checks the slip: what its QR code holds, after the host's name."""
        return f"/p/{request.tenant.slug}/migrants/slip/{self.number}"


@node(
    permit_tables.Paper,
    plural="migrant_papers",
    permission="migrants.permit.read",
    own_column="person_id",
    filters=("application",),
)
class MigrantPaper(Node):
    """A paper that was shown with an application."""

    kind: PaperKind = column("What it is.")
    reference: str = column("Its number, or where it is.")
    application: MigrantApplication | None = one("application_id", "The application.")


@node(
    permit_tables.Permit,
    plural="migrant_permits",
    permission="migrants.permit.read",
    own_column="person_id",
    filters=("state", "person", "valid_until"),
    order_by=("valid_until",),
    group_by=("state", "area", "valid_until"),
)
class MigrantPermit(Node):
    """A residence permit. revealMigrantPermitNumber shows its number, for a reason."""

    issued_on: date = column("When it was issued.")
    valid_until: date = column("The anniversary from which it cannot be used unless it is endorsed before.")
    continuous_since: date = column("Since when the years of residence count.")
    state: PermitState = column("Whether it can be used.")
    suspended_on: date | None = column("Since when it cannot be used.")
    ended_on: date | None = column("When it ended.")
    end_reason: str = column("Why it ended; empty when it did not.")
    area: Area | None = one("area_id", "Where it was applied for.")
    person: Person | None = one("person_id", "Whose it is.")
    application: MigrantApplication | None = one("application_id", "The application.")
    endorsements: Connection[MigrantEndorsement] = many("permit_id", "Its endorsements.")

    @computed(needs=("valid_until",))
    def endorsable_from(self, request: GraphQLRequest) -> date:
        """The first day on which the next endorsement is taken: a month before the anniversary."""
        return window_opens(self.valid_until)


@node(
    permit_tables.Endorsement,
    plural="migrant_endorsements",
    permission="migrants.permit.read",
    own_column="person_id",
    filters=("permit", "endorsed_on", "anniversary"),
    order_by=("endorsed_on",),
    group_by=("on_time", "area", "anniversary"),
)
class MigrantEndorsement(Node):
    """A yearly endorsement of a permit."""

    anniversary: date = column("The anniversary that it was due before.")
    endorsed_on: date = column("When it was made.")
    covers_until: date = column("Until which anniversary the permit then holds.")
    on_time: bool = column("Whether it was made before the anniversary.")
    permit: MigrantPermit | None = one("permit_id", "The permit.")


@node(
    exchange_tables.Message,
    plural="migrant_messages",
    permission="migrants.exchange.read",
    filters=("state", "application"),
)
class MigrantMessage(Node):
    """A message to the issuing authority; what it says is encrypted."""

    sequence: int = column("Counted from 1, the first forwarding of the application.")
    state: MessageState = column("Where it stands.")
    attempts: int = column("How often it was sent.")
    due_at: datetime = column("When it is sent next.")
    sent_at: datetime | None = column("When it was handed over last.")
    answered_at: datetime | None = column("When the authority answered.")
    error_code: str = column("Why the last try failed; empty when it did not.")
    application: MigrantApplication | None = one("application_id", "The application.")


@node(
    exchange_tables.Answer,
    plural="migrant_answers",
    permission="migrants.exchange.read",
    filters=("state", "application"),
)
class MigrantAnswer(Node):
    """An answer of the issuing authority. revealMigrantAnswer shows what it says, for a reason."""

    number: str = column("Of which application it speaks; one that is not known here is set aside.")
    kind: AnswerKind = column("What it says.")
    state: AnswerState = column("What became of it.")
    error_code: str = column("By which rule it was set aside; empty when it was not.")
    note: str = column("How people dealt with it; empty when they did not have to.")
    application: MigrantApplication | None = one("application_id", "The application; null when unknown.")


@node(
    exchange_tables.Reconciliation,
    plural="migrant_reconciliations",
    permission="migrants.exchange.read",
    filters=("run_on",),
    order_by=("run_on",),
    whole_tenant=True,
)
class MigrantReconciliation(Node):
    """What a daily comparison with the authority's list found."""

    run_on: date = column("On which day.")
    compared: int = column("How many open applications were compared.")
    agreed: int = column("How many stand alike on both sides.")
    resent: int = column("How many the authority lacked, and were sent again.")
    asked_again: int = column("How many answers were asked for again.")
    waiting: int = column("How many were sent too lately to be on the list.")
    set_aside: int = column("How many answers wait for people.")
    failed: int = column("How many messages were given up.")


class PersonPermits:
    """A person's residence permits."""

    migrant_applications: Connection[MigrantApplication] = many("person_id", "The person's applications.")
    migrant_permits: Connection[MigrantPermit] = many("person_id", "The person's residence permits.")


PERSON_PERMITS = extend(Person)(PersonPermits)
PERMIT_NODES = (
    MigrantApplication,
    MigrantPaper,
    MigrantPermit,
    MigrantEndorsement,
    MigrantMessage,
    MigrantAnswer,
    MigrantReconciliation,
)

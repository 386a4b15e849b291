"""The node types of this plugin, declared over its tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast
from uuid import UUID

from linli_graphql.plugin import (
    Amount,
    Area,
    Attachment,
    Connection,
    GraphQLRequest,
    IssuedDocument,
    Node,
    Organisation,
    Person,
    column,
    computed,
    extend,
    many,
    node,
    one,
)
from linli_social_workers import allowances, tables
from linli_social_workers.graphql.enums import (
    CertificateState,
    CreditState,
    Level,
    LineKind,
    RegistrationState,
    RenewalState,
    RunState,
    Source,
    Subject,
)


@node(
    tables.ExamResult,
    plural="social_worker_exam_results",
    permission="social_workers.exam.read",
    own_column="person_id",
    filters=("person", "year"),
    order_by=("year",),
)
class SocialWorkerExamResult(Node):
    """One subject of one person at one sitting."""

    level: Level = column("Of which level.")
    subject: Subject = column("What was examined.")
    year: int = column("In which year.")
    score: int | None = column("The score of 100; null when absent.")
    place: str = column("The code of the place of the exam; empty when it does not matter.")
    fraud: bool = column("Whether the sitting was annulled for fraud.")
    person: Person | None = one("person_id", "Who sat the exam.")


@node(
    tables.PassMark,
    plural="social_worker_pass_marks",
    permission="social_workers.exam.read",
    whole_tenant=True,
)
class SocialWorkerPassMark(Node):
    """The mark that was announced for a year and level; without one it is 60."""

    year: int = column("For which year.")
    level: Level = column("For which level.")
    place: str = column("For which place; empty is for all.")
    mark: int = column("The mark of 100 that passes.")


@node(
    tables.Certificate,
    plural="social_worker_certificates",
    permission="social_workers.certificate.read",
    own_column="person_id",
    filters=("person", "level", "number"),
    order_by=("issued_on",),
    group_by=("level", "area", "issued_on"),
)
class SocialWorkerCertificate(Node):
    """A certificate of a level."""

    number: str = column("Its number.")
    level: Level = column("Of which level.")
    source: Source = column("By what it is known here.")
    passed_in: int = column("The year in which the last subject was passed.")
    place: str = column("The code of the place where it counts; empty is everywhere.")
    issued_on: date = column("When it was issued.")
    state: CertificateState = column("Whether it may be relied on.")
    revoked_on: date | None = column("From when it was taken back.")
    reason: str = column("Why it was taken back; empty when it was not.")
    person: Person | None = one("person_id", "Whose it is.")
    registrations: Connection[SocialWorkerRegistration] = many(
        "certificate_id", "The registrations that rest on it."
    )


@node(
    tables.Registration,
    plural="social_worker_registrations",
    permission="social_workers.registration.read",
    own_column="person_id",
    filters=("person", "state", "valid_until"),
    group_by=("state", "area", "valid_until"),
)
class SocialWorkerRegistration(Node):
    """A registration as a social worker, valid for three years at a time."""

    number: str = column("Its number; empty before it is registered.")
    state: RegistrationState = column("Where it stands.")
    applied_on: date = column("When it was applied for.")
    overdue: bool = column("Whether that was more than a year after the certificate.")
    due_at: datetime | None = column("Until when the final review is due.")
    valid_from: date | None = column("Since when the present term runs.")
    valid_until: date | None = column("The first day after it.")
    suspended_on: date | None = column("Since when it is suspended.")
    ended_on: date | None = column("When it ended.")
    reason: str = column("Why it was refused, suspended or struck off; empty otherwise.")
    area: Area | None = one("area_id", "Where the person is entered.")
    person: Person | None = one("person_id", "Who is registered.")
    certificate: SocialWorkerCertificate | None = one("certificate_id", "What it rests on.")
    renewals: Connection[SocialWorkerRenewal] = many("registration_id", "Its renewals.")
    documents: Connection[IssuedDocument] = many("subject_id", "Certificates and statements issued about it.")
    attachments: Connection[Attachment] = many("owner_id", "What was handed in with the application.")


@node(
    tables.Renewal,
    plural="social_worker_renewals",
    permission="social_workers.registration.read",
    own_column="person_id",
    filters=("registration", "state"),
)
class SocialWorkerRenewal(Node):
    """A renewal of a registration for three more years."""

    state: RenewalState = column("Where it stands.")
    applied_on: date = column("When it was applied for.")
    hours_required: int = column("How many hours of education it takes.")
    hours_counted: int = column("How many were approved.")
    decided_on: date | None = column("When it was decided.")
    reason: str = column("Why it was refused; empty when it was not.")
    registration: SocialWorkerRegistration | None = one("registration_id", "The registration.")


@node(
    tables.Credit,
    plural="social_worker_credits",
    permission="social_workers.credit.read",
    own_column="person_id",
    filters=("person", "state", "completed_on"),
    order_by=("completed_on",),
    group_by=("state", "area", "completed_on"),
    sums=("hours",),
)
class SocialWorkerCredit(Node):
    """Hours of continuing education."""

    course: str = column("The course.")
    provider: str = column("Who held it.")
    hours: int = column("How many hours.")
    completed_on: date = column("When it ended.")
    evidence: str = column("What shows it.")
    state: CreditState = column("Whether the hours count.")
    reason: str = column("Why they do not; empty when they do.")
    person: Person | None = one("person_id", "Who took part.")
    attachments: Connection[Attachment] = many("owner_id", "The files that show it.")


@node(
    tables.Post,
    plural="social_worker_posts",
    permission="social_workers.post.read",
    own_column="person_id",
    filters=("person", "organisation", "from_on"),
    order_by=("from_on",),
    group_by=("area", "from_on"),
)
class SocialWorkerPost(Node):
    """Where somebody works as a social worker."""

    from_on: date = column("Since which day.")
    to_on: date | None = column("The first day that is no day of it; null while it goes on.")
    area: Area | None = one("area_id", "Where.")
    person: Person | None = one("person_id", "Who.")
    organisation: Organisation | None = one("organisation_id", "For which unit; null is the area itself.")


@node(
    tables.Licence,
    plural="social_worker_licences",
    permission="social_workers.licence.read",
    own_column="person_id",
    filters=("person", "number"),
    order_by=("valid_until",),
)
class SocialWorkerLicence(Node):
    """A licence for solo practice."""

    number: str = column("Its number.")
    valid_from: date = column("The first day.")
    valid_until: date = column("The first day after it.")
    state: CertificateState = column("Whether it may be relied on.")
    reason: str = column("Why it was taken back; empty when it was not.")
    person: Person | None = one("person_id", "Whose it is.")


@node(
    tables.Practice,
    plural="social_worker_practices",
    permission="social_workers.licence.read",
    own_column="person_id",
    filters=("person", "licence"),
    order_by=("from_on",),
)
class SocialWorkerPractice(Node):
    """Solo practice under a licence."""

    subject: str = column("What was done.")
    from_on: date = column("The first day.")
    to_on: date = column("The first day after it.")
    licence: SocialWorkerLicence | None = one("licence_id", "The licence that covers it.")
    person: Person | None = one("person_id", "Who practised.")


@node(
    tables.Supervision,
    plural="social_worker_supervisions",
    permission="social_workers.licence.read",
    own_column="person_id",
    filters=("person",),
    order_by=("on_day",),
    group_by=("area", "on_day"),
    sums=("hours",),
)
class SocialWorkerSupervision(Node):
    """That one social worker supervised another; what was said is not kept."""

    on_day: date = column("On which day.")
    hours: int = column("For how many hours.")
    supervisor: Person | None = one("supervisor_id", "Who supervised.")
    person: Person | None = one("person_id", "Who was supervised.")


@node(
    tables.AllowanceRule,
    plural="social_worker_allowance_rules",
    permission="social_workers.allowance.read",
    whole_tenant=True,
)
class SocialWorkerAllowanceRule(Node):
    """What a level is paid a month, as it was known for a while."""

    level: Level = column("Which level.")
    amount_fen: Amount = column("How much a month, in fen.")
    from_on: date = column("The first day.")
    to_on: date | None = column("The first day after it; null while it goes on.")
    recorded_at: datetime = column("Since when this is known.")
    superseded_at: datetime | None = column("Since when something else is known; null while this holds.")


@node(
    tables.AllowanceRun,
    plural="social_worker_allowance_runs",
    permission="social_workers.allowance.read",
    filters=("month", "state"),
    order_by=("month",),
    whole_tenant=True,
)
class SocialWorkerAllowanceRun(Node):
    """The allowances of a month with the differences of earlier ones."""

    month: date = column("The first day of the month.")
    state: RunState = column("Where it stands.")
    known_at: datetime = column("It was computed from what was known then.")
    people: int = column("How many people it pays.")
    total_fen: Amount = column("How much in all, in fen.")
    paid_on: date | None = column("When it was paid.")
    reference: str = column("The reference of the payment; empty before.")
    lines: Connection[SocialWorkerAllowanceLine] = many("run_id", "What it pays to whom.")

    @computed
    async def disagreeing(self, request: GraphQLRequest) -> int:
        """For how many people it gives something else when it is computed again from what was known then."""
        found = await allowances.disagreements(await request.reading(), cast("UUID", self.id))
        return len(found)


@node(
    tables.AllowanceLine,
    plural="social_worker_allowance_lines",
    permission="social_workers.allowance.read",
    own_column="person_id",
    filters=("run", "person", "for_month"),
    order_by=("for_month",),
    group_by=("kind", "level", "area", "for_month"),
    sums=("amount_fen",),
)
class SocialWorkerAllowanceLine(Node):
    """What a run pays one person for one month."""

    kind: LineKind = column("Whether it pays for its run's month or corrects another.")
    for_month: date = column("The first day of the month that it pays for.")
    level: str = column("The level that it pays for; empty when nothing is due any more.")
    amount_fen: Amount = column("How much, in fen; below zero takes back.")
    reason: str = column("Why it corrects; empty for a regular line.")
    area: Area | None = one("area_id", "Where the person works.")
    person: Person | None = one("person_id", "Who is paid.")
    run: SocialWorkerAllowanceRun | None = one("run_id", "The run.")


@node(
    tables.Target,
    plural="social_worker_targets",
    permission="social_workers.figures.read",
    filters=("year",),
)
class SocialWorkerTarget(Node):
    """What an area aims at in a year; the last one entered counts."""

    year: int = column("In which year.")
    communities: int = column("For how many communities.")
    aim: int = column("How many certified people.")
    source: str = column("Who says so.")
    area: Area | None = one("area_id", "The area; null is the whole tenant.")


class PersonSocialWork:
    """What a person is as a social worker."""

    social_worker_certificates: Connection[SocialWorkerCertificate] = many("person_id", "The certificates.")
    social_worker_registrations: Connection[SocialWorkerRegistration] = many(
        "person_id", "The registrations."
    )
    social_worker_credits: Connection[SocialWorkerCredit] = many("person_id", "Hours of education.")
    social_worker_posts: Connection[SocialWorkerPost] = many("person_id", "The posts.")
    social_worker_allowances: Connection[SocialWorkerAllowanceLine] = many("person_id", "What was paid.")


PERSON_SOCIAL_WORK = extend(Person)(PersonSocialWork)
NODES = (
    SocialWorkerExamResult,
    SocialWorkerPassMark,
    SocialWorkerCertificate,
    SocialWorkerRegistration,
    SocialWorkerRenewal,
    SocialWorkerCredit,
    SocialWorkerPost,
    SocialWorkerLicence,
    SocialWorkerPractice,
    SocialWorkerSupervision,
    SocialWorkerAllowanceRule,
    SocialWorkerAllowanceRun,
    SocialWorkerAllowanceLine,
    SocialWorkerTarget,
)

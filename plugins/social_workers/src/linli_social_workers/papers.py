"""What is printed and signed: the registration certificate (登记证书), and statements of education and of allowances.

One certificate counts for a registration at a time. It ends with the term, and is revoked with the registration.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Person, Place, add_months, documents, is_self, printing, rows, yuan
from linli_social_workers.access import visible_or_own, visible_person
from linli_social_workers.education import approved_hours
from linli_social_workers.errors import (
    CertificateOfOther,
    NoRegistration,
    NothingPaid,
    OwnCase,
    YearOutOfRange,
)
from linli_social_workers.states import STANDING, CertificateState, RegistrationState
from linli_social_workers.tables import Certificate, Registration
from linli_social_workers.terms import HOURS, TERM_YEARS, Level, last_day

ISSUE: Final = "social_workers.document.write"
REGISTRATION_READ: Final = "social_workers.registration.read"
CREDIT_READ: Final = "social_workers.credit.read"
ALLOWANCE_READ: Final = "social_workers.allowance.read"
FIRST_YEAR: Final = 2000
ROWS_MAX: Final = 1_000  # more pages than a document has: no list is shortened without a word
CARDS_MAX: Final = 100

CARD: Final = documents.DocumentKind(
    printing.DocumentTemplate(
        kind="social_workers.card",
        version=1,
        texts="social_workers.card",
        parts=(
            printing.Lines(("holder", "level", "registration", "certificate", "valid_from", "valid_until")),
            printing.Paragraph("statement"),
            printing.Signature("office"),
        ),
        pages_max=1,
    ),
    write=ISSUE,
    read=REGISTRATION_READ,
)
EDUCATION: Final = documents.DocumentKind(
    printing.DocumentTemplate(
        kind="social_workers.education",
        version=1,
        texts="social_workers.education",
        parts=(
            printing.Lines(
                ("holder", "level", "registration", "term_from", "term_until", "approved", "required")
            ),
            printing.Table("courses", ("completed_on", "course", "provider", "hours")),
            printing.Signature("office"),
        ),
    ),
    write=ISSUE,
    read=CREDIT_READ,
)
ALLOWANCE: Final = documents.DocumentKind(
    printing.DocumentTemplate(
        kind="social_workers.allowance",
        version=1,
        texts="social_workers.allowance",
        parts=(
            printing.Lines(("holder", "year", "total")),
            printing.Table("payments", ("for_month", "kind", "amount", "paid_on")),
            printing.Signature("office"),
        ),
    ),
    write=ISSUE,
    read=ALLOWANCE_READ,
)
DOCUMENT_KINDS: Final = (CARD, EDUCATION, ALLOWANCE)
_COURSES: Final = """
select completed_on::text, course, provider, hours from social_workers_credit
where tenant_id = $1 and person_id = $2 and state = 'approved' and completed_on >= $3 and completed_on <= $4
order by completed_on, id limit $5"""
_PAID: Final = """
select l.for_month, l.kind, l.amount_fen, r.paid_on::text from social_workers_allowance_line l
join social_workers_allowance_run r on r.tenant_id = $1 and r.id = l.run_id
where l.tenant_id = $1 and l.person_id = $2 and r.state = 'paid' and r.paid_on >= $3 and r.paid_on <= $4
order by r.paid_on, l.for_month, l.id limit $5"""
_ON_CERTIFICATE: Final = """
select id from social_workers_registration where tenant_id = $1 and certificate_id = $2 order by id limit $3"""


async def issue_card(ctx: Context, registration_id: UUID) -> documents.Document:
    """Issue the certificate of a registration that is in force, up to the end of its term; an earlier one is revoked.

    Raises: NotFound, PermissionDenied, OwnCase, NoRegistration, CertificateOfOther; as `documents.issue`.
    """
    registration = await _standing(ctx, registration_id)
    if registration.state != RegistrationState.REGISTERED:
        raise NoRegistration()
    certificate = await rows.get(ctx, Certificate, registration.certificate_id, lock=True)
    if certificate.state != CertificateState.VALID:
        raise CertificateOfOther()
    await revoke_cards(ctx, registration.id, reason=_word(ctx, "reasons.reissued"))
    values = {
        "level": _word(ctx, f"levels.{certificate.level}"),
        "registration": registration.number,
        "certificate": certificate.number,
        "valid_from": registration.valid_from.isoformat(),
        "office": ctx.tenant.name,
    }
    return await documents.issue(
        ctx,
        CARD,
        subject=await _of_registration(ctx, registration),
        values=values,
        valid_until=last_day(registration.valid_until),
    )


async def issue_education_statement(ctx: Context, registration_id: UUID) -> documents.Document:
    """Issue a statement of the hours that were approved in the present term, with their courses.

    Raises: NotFound, PermissionDenied, OwnCase, NoRegistration; as `documents.issue`.
    """
    registration = await _standing(ctx, registration_id)
    certificate = await rows.get(ctx, Certificate, registration.certificate_id)
    begin, end = _term(registration, ctx.today())
    span = (registration.person_id, begin, ctx.today())
    values = {
        "level": _word(ctx, f"levels.{certificate.level}"),
        "registration": registration.number,
        "term_from": begin.isoformat(),
        "term_until": last_day(end).isoformat(),
        "approved": await approved_hours(ctx, *span),
        "required": HOURS[Level(certificate.level)],
        "courses": [dict(row) for row in await ctx.db.fetch(_COURSES, ctx.tenant_id, *span, ROWS_MAX)],
        "office": ctx.tenant.name,
    }
    return await documents.issue(
        ctx, EDUCATION, subject=await _of_registration(ctx, registration), values=values
    )


async def issue_allowance_statement(ctx: Context, *, person_id: UUID, year: int) -> documents.Document:
    """Issue a statement of what was paid to somebody in a year, month by month.

    Raises: NotFound, PermissionDenied, OwnCase, YearOutOfRange, NothingPaid; as `documents.issue`.
    """
    person = await visible_person(ctx, person_id, ALLOWANCE_READ)
    _may_issue(ctx, person.area_path, person.id)
    this_year = ctx.today().year
    if not FIRST_YEAR <= year <= this_year:
        raise YearOutOfRange(path=("year",), minimum=FIRST_YEAR, maximum=this_year)
    span = (person.id, date(year, 1, 1), date(year, 12, 31))
    paid = await ctx.db.fetch(_PAID, ctx.tenant_id, *span, ROWS_MAX)
    if not paid:
        raise NothingPaid(path=("year",), year=year)
    payments = [
        {
            "for_month": f"{row['for_month']:%Y-%m}",
            "kind": _word(ctx, f"lines.{row['kind']}"),
            "amount": yuan(row["amount_fen"]),
            "paid_on": row["paid_on"],
        }
        for row in paid
    ]
    values = {
        "year": str(year),
        "total": yuan(sum(row["amount_fen"] for row in paid)),
        "payments": payments,
        "office": ctx.tenant.name,
    }
    return await documents.issue(
        ctx, ALLOWANCE, subject=_subject("identity_person", person.id, person, person), values=values
    )


async def revoke_cards(ctx: Context, registration_id: UUID, *, reason: str) -> None:
    """The certificates of a registration no longer count, because of what became of it."""
    await documents.revoke_all(ctx, CARD, registration_id, reason=reason)


async def revoke_cards_on(ctx: Context, certificate_id: UUID, *, reason: str) -> None:
    """The same for all registrations that rest on a certificate."""
    for row in await ctx.db.fetch(_ON_CERTIFICATE, ctx.tenant_id, certificate_id, CARDS_MAX):
        await revoke_cards(ctx, row["id"], reason=reason)


async def _standing(ctx: Context, registration_id: UUID) -> Registration:
    """A registration whose term is not over, of somebody else. Raises: NoRegistration."""
    registration = await visible_or_own(ctx, Registration, registration_id, REGISTRATION_READ)
    _may_issue(ctx, registration.area_path, registration.person_id)
    if registration.state not in STANDING or registration.valid_until <= ctx.today():
        raise NoRegistration()
    return registration


def _term(registration: Registration, today: date) -> tuple[date, date]:
    """The term that today lies in: of a registration that was renewed before its end, that is the one before."""
    begin, end = registration.valid_from, registration.valid_until
    return (begin, end) if begin <= today else (add_months(begin, -12 * TERM_YEARS), begin)


def _may_issue(ctx: Context, area_path: str, person_id: UUID) -> None:
    ctx.require(ISSUE, area_path)
    if is_self(ctx, person_id):
        raise OwnCase()


async def _of_registration(ctx: Context, registration: Registration) -> documents.Subject:
    person = await rows.get(ctx, Person, registration.person_id)
    return _subject("social_workers_registration", registration.id, registration, person)


def _subject(table: str, row_id: UUID, lies: Registration | Person, person: Person) -> documents.Subject:
    place = Place(lies.area_id, lies.area_path)
    return documents.Subject(table, row_id, place, person_id=person.id, holder=person.full_name)


def _word(ctx: Context, key: str, **values: Any) -> str:
    return ctx.plugins.texts.translate(f"social_workers.{key}", ctx.locale, **values)

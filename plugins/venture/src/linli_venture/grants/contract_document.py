"""The contract as a document: what the organisation promises, and what it is paid for it."""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, Organisation, Place, documents, printing, rows, yuan
from linli_venture.calls.tables import Call
from linli_venture.grants.access import READ, WRITE
from linli_venture.grants.conditions import appraisal_before
from linli_venture.grants.reading import lines_of, milestones_of
from linli_venture.grants.spending import tolerance_percent
from linli_venture.grants.tables import Grant, Milestone

TEMPLATE: Final = printing.DocumentTemplate(
    kind="venture.contract",
    version=2,
    texts="venture.contract",
    parts=(
        printing.Lines(
            (
                "number",
                "project",
                "organisation",
                "amount",
                "own_funds",
                "tolerance",
                "starts_on",
                "ends_on",
                "issued_on",
            )
        ),
        printing.Table("lines", ("line", "line_amount")),
        printing.Table("milestones", ("milestone", "share", "tranche", "condition", "due_on")),
        printing.Paragraph("terms"),
        printing.Signature("funder"),
        printing.Signature("grantee"),
    ),
)
CONTRACT: Final = documents.DocumentKind(TEMPLATE, write=WRITE, read=READ)


async def issue(ctx: Context, grant: Grant) -> documents.Document:
    """Issue the contract of a prepared grant. Raises: as `documents.issue`."""
    unit = await rows.get(ctx, Organisation, grant.organisation_id)
    call = await rows.get(ctx, Call, grant.call_id)
    values = {
        "project": grant.title,
        "organisation": unit.name,
        "amount": yuan(grant.amount_fen),
        "own_funds": yuan(grant.own_fen),
        "tolerance": f"{tolerance_percent(ctx)}%",
        "starts_on": grant.starts_on.isoformat(),
        "ends_on": grant.ends_on.isoformat(),
        "lines": [
            {"line": line.name, "line_amount": yuan(line.amount_fen)}
            for line in await lines_of(ctx, grant.id)
        ],
        "milestones": [
            {
                "milestone": one.title,
                "share": f"{one.share_percent}%",
                "tranche": yuan(one.amount_fen),
                "condition": _condition(ctx, call, one),
                "due_on": one.due_on.isoformat(),
            }
            for one in await milestones_of(ctx, grant.id)
        ],
        "funder": ctx.tenant.name,
        "grantee": unit.name,
    }
    subject = documents.Subject("venture_grant", grant.id, Place(grant.area_id, grant.area_path))
    return await documents.issue(ctx, CONTRACT, subject=subject, values=values)


def _condition(ctx: Context, call: Call, milestone: Milestone) -> str | None:
    """The appraisal after which a tranche is paid, in words."""
    kind = appraisal_before(call, milestone)
    return ctx.plugins.texts.translate(f"venture.contract.conditions.{kind}", ctx.locale) if kind else None

"""The register in figures: how many organisations there are, by track and kind, and per 10,000 residents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from linli.plugin import Context, areas, checks
from linli_organisations import settings
from linli_organisations.registrations import READ
from linli_organisations.terms import Kind, Track

SOURCE: Final = "organisations_registration"
PER: Final = 10_000

_COUNTS: Final = """
select track, kind, count(*) as number from organisations_registration
where tenant_id = $1 and area_path >= $2 and area_path < $2 || '~'
    and entered_on <= $3 and (ended_on is null or ended_on > $3)
group by track, kind"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries there are of a track and kind."""

    track: Track
    kind: Kind
    number: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with all that it is made of; without a denominator it is not defined, and `value` is None."""

    numerator: int
    denominator: int | None
    as_of: date
    source: str

    @property
    def value(self) -> Decimal | None:
        """The ratio per 10,000, to two decimal places."""
        if not self.denominator:
            return None
        return (Decimal(self.numerator) * PER / self.denominator).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class Figures:
    """The register of an area, or of the whole tenant, as it was on a day."""

    as_of: date
    source: str
    counts: tuple[Count, ...]
    registered: int
    filed: int
    per_10000_residents: Ratio


async def social_organisation_figures(
    ctx: Context, *, area_id: UUID | None = None, as_of: date | None = None
) -> Figures:
    """Count the entries that were active or suspended on a day (today by default), in one statement.

    The ratio counts registered organisations, and is defined for the whole tenant only: the number of
    residents is a setting of the tenant. Raises: AreaNotFound, PermissionDenied, FutureDate.
    """
    day = checks.not_future(ctx, as_of or ctx.today(), "as_of")
    path = "" if area_id is None else (await areas.get(ctx, area_id)).path
    ctx.require(READ, path)
    found = {
        (row["track"], row["kind"]): row["number"]
        for row in await ctx.db.fetch(_COUNTS, ctx.tenant_id, path, day)
    }
    counts = tuple(Count(track, kind, found.get((track, kind), 0)) for track in Track for kind in Kind)
    registered = sum(one.number for one in counts if one.track is Track.REGISTRATION)
    residents = settings.number(ctx, "permanent_residents") if area_id is None else 0
    return Figures(
        as_of=day,
        source=SOURCE,
        counts=counts,
        registered=registered,
        filed=sum(one.number for one in counts if one.track is Track.FILING),
        per_10000_residents=Ratio(
            numerator=registered,
            denominator=residents or None,
            as_of=day,
            source=settings.text(ctx, "permanent_residents_source"),
        ),
    )

"""What can be attached: evidence of hours of education, and what belongs to an application for registration.

Files are attached while the thing is not decided, by the person or whoever may act for them; all who may read it read
them.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Place, files, is_self
from linli_social_workers.access import require_for, visible_or_own
from linli_social_workers.errors import AlreadyDecided
from linli_social_workers.states import CreditState, RegistrationState
from linli_social_workers.tables import Credit, Registration

CREDIT_READ: Final = "social_workers.credit.read"
CREDIT_WRITE: Final = "social_workers.credit.write"
REGISTRATION_READ: Final = "social_workers.registration.read"
REGISTRATION_WRITE: Final = "social_workers.registration.write"
BYTES_MAX: Final = 10_000_000
_TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})


async def credit_of(ctx: Context, credit_id: UUID) -> files.FileOwner:
    """Hours that nobody decided on yet. Raises: NotFound, PermissionDenied, AlreadyDecided."""
    credit = await visible_or_own(ctx, Credit, credit_id, CREDIT_READ)
    require_for(ctx, credit, CREDIT_WRITE, credit.person_id)
    if credit.state != CreditState.CLAIMED:
        raise AlreadyDecided()
    place = Place(credit.area_id, credit.area_path)
    return files.FileOwner("social_workers_credit", credit.id, place, credit.person_id)


async def application_of(ctx: Context, registration_id: UUID) -> files.FileOwner:
    """An application before its first review. Raises: NotFound, PermissionDenied, AlreadyDecided."""
    registration = await visible_or_own(ctx, Registration, registration_id, REGISTRATION_READ)
    require_for(ctx, registration, REGISTRATION_WRITE, registration.person_id)
    if registration.state != RegistrationState.APPLIED:
        raise AlreadyDecided()
    place = Place(registration.area_id, registration.area_path)
    return files.FileOwner("social_workers_registration", registration.id, place, registration.person_id)


async def may_read_evidence(ctx: Context, file: files.File) -> bool:
    """The person, and whoever may read hours there."""
    return _may_read(ctx, file, CREDIT_READ)


async def may_read_application(ctx: Context, file: files.File) -> bool:
    """The person, and whoever may read registrations there."""
    return _may_read(ctx, file, REGISTRATION_READ)


def _may_read(ctx: Context, file: files.File, permission: str) -> bool:
    return is_self(ctx, file.person_id) or ctx.can(permission, file.area_path)


FILE_KINDS: Final = (
    files.FileKind("social_workers.evidence", _TYPES, BYTES_MAX, credit_of, may_read_evidence),
    files.FileKind("social_workers.application", _TYPES, BYTES_MAX, application_of, may_read_application),
)

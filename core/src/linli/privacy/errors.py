"""What the privacy services refuse; what encryption refuses is in `linli.db.encryption.errors`."""

from __future__ import annotations

from linli.errors import UnknownValue


class UnknownPurpose(UnknownValue):
    """No encrypted column of the tenant's plugins has this purpose (`purpose`)."""

    code = "privacy.unknown_purpose"

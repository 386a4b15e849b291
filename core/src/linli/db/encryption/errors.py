"""What encryption refuses. None of these ever says a value."""

from __future__ import annotations

from linli.errors import Conflict, Invalid, Unavailable, UnknownValue


class BadMasterKeys(Invalid):
    """The master keys that are configured cannot be read (`source`, `reason`)."""

    code = "privacy.bad_master_keys"


class MasterKeyMissing(Unavailable):
    """No master key is configured, or not the one (`key_id`) that the database's keys are wrapped with."""

    code = "privacy.master_key_missing"


class MasterKeyWrong(Unavailable):
    """The master key of this id (`key_id`) is another than the one that wrapped the database's keys."""

    code = "privacy.master_key_wrong"


class MasterKeyUnavailable(Unavailable):
    """The key management service did not answer (`key_id`)."""

    code = "privacy.master_key_unavailable"


class KeyDestroyed(Conflict):
    """The key was destroyed on purpose, so that the values can never be read again (`purpose`)."""

    code = "privacy.key_destroyed"


class ValueDamaged(Conflict):
    """A stored value is not what was encrypted for this row and column (`table`, `column`)."""

    code = "privacy.value_damaged"


class UnknownCipher(UnknownValue):
    """The setting `privacy.cipher` names a cipher that this version does not know (`value`, `allowed`)."""

    code = "privacy.unknown_cipher"

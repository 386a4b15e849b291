"""What the ledger refuses; the database finds most of it, under names of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from linli.db.failures import Duplicate, RefusedByRule
from linli.errors import Conflict, Invalid, LinliError


class InsufficientBalance(Conflict):
    """An account has less than is to be taken from it."""

    code = "ledger.insufficient_balance"


class AccountClosed(Conflict):
    """A closed account takes no postings."""

    code = "ledger.account_closed"


class AccountNotEmpty(Conflict):
    """Only an account without a balance can be closed (`available`, `reserved`)."""

    code = "ledger.account_not_empty"


class HoldExhausted(Conflict):
    """A hold has less left than is to be committed or released (`remaining`)."""

    code = "ledger.hold_exhausted"


class AlreadyReversed(Conflict):
    """The entry was reversed before."""

    code = "ledger.already_reversed"


class NotReversible(Conflict):
    """A reversal, or an entry of a hold, cannot be reversed: a hold is released."""

    code = "ledger.not_reversible"


class KeyReused(Conflict):
    """The key was used for an entry with other content."""

    code = "ledger.key_reused"


class AmountOutOfRange(Invalid):
    """An amount is not a whole number from 1 to `limit`."""

    code = "ledger.amount_out_of_range"


class BalanceOutOfRange(Conflict):
    """A balance would not fit into 2^53 - 1 any more, or into its stripes' share of that."""

    code = "ledger.balance_out_of_range"


class ReasonMissing(Invalid):
    """A reversal says why."""

    code = "ledger.reason_missing"


class PeriodReversed(Invalid):
    """A statement ends before it begins."""

    code = "ledger.period_reversed"


class Unbalanced(ValueError):
    """Lines that do not add up to zero, are of two units, to no account, or reserve without a hold: our own mistake."""


_REFUSALS: Final[Mapping[str, type[LinliError]]] = {
    "ledger_account_covered": InsufficientBalance,
    "ledger_account_bounded": BalanceOutOfRange,
    "ledger_stripe_bounded": BalanceOutOfRange,
    "ledger_account_closed": AccountClosed,
    "ledger_key_reused": KeyReused,
    "ledger_entry_tenant_id_reverses_id_idx": AlreadyReversed,
}
_MISTAKES: Final = ("ledger_balanced", "ledger_one_unit", "ledger_account_known", "ledger_held")


@contextmanager
def explained() -> Iterator[None]:
    """Raise the ledger's own error for what the database refuses under one of the ledger's names.

    Raises: InsufficientBalance, BalanceOutOfRange, AccountClosed, KeyReused, AlreadyReversed; Unbalanced for our own
    mistakes.
    """
    try:
        yield
    except (RefusedByRule, Duplicate) as error:
        name = str(error.details["constraint"])
        if name in _MISTAKES:
            raise Unbalanced(f"{name} is broken") from error
        if (refusal := _REFUSALS.get(name)) is None:
            raise
        raise refusal() from error

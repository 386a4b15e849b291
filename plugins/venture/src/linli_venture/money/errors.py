"""What is refused about money; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Invalid


class AmountOutOfRange(Invalid):
    """An amount is not from `low` to `high` fen."""

    code = "venture.amount_out_of_range"


class YearOutOfRange(Invalid):
    """A year is not from `low` to `high`."""

    code = "venture.year_out_of_range"


class PurposeMissing(Invalid):
    """A special fund is restricted: it names the category that it is for."""

    code = "venture.purpose_missing"


class GiverMismatch(Invalid):
    """An office or organisation is named; a person is not, but may be one of the register."""

    code = "venture.giver_mismatch"


class PoolExists(Conflict):
    """The year has a pool of that title in that area."""

    code = "venture.pool_exists"


class PoolClosed(Conflict):
    """The pool is closed: no money comes in, and nothing is awarded."""

    code = "venture.pool_closed"


class PoolNotClosed(Conflict):
    """Only what is left of a closed pool is carried over."""

    code = "venture.pool_not_closed"


class LeftTooLittle(Conflict):
    """The source has so much left (`left_fen`)."""

    code = "venture.left_too_little"


class RestrictionsDiffer(Conflict):
    """The other pool has a source of that name that is of another kind, or bound otherwise (`source`)."""

    code = "venture.restrictions_differ"


class PoolInUse(Conflict):
    """Calls and grants of the pool are not ended yet, or can still be objected to (`calls`, `grants`)."""

    code = "venture.pool_in_use"


class SourceExists(Conflict):
    """The pool has a source of that name."""

    code = "venture.source_exists"


class TooManySources(Conflict):
    """A pool has at most `limit` sources."""

    code = "venture.too_many_sources"


class BasisUsed(Conflict):
    """The voucher or the decision counts for another record of the source."""

    code = "venture.basis_used"


class ReceiptSpent(Conflict):
    """What came in is reserved or spent, and cannot be taken back."""

    code = "venture.receipt_spent"


class PoolExhausted(Conflict):
    """The pool has less money left for that category than is to be awarded (`left_fen`)."""

    code = "venture.pool_exhausted"

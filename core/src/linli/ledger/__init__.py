"""The double-entry ledger for points and money: accounts, entries that add up to zero, holds, reversals."""

from linli.ledger.accounts import (
    Balance,
    Owner,
    OwnerKind,
    Unit,
    account,
    balance,
    close,
    find_account,
    relocate,
    reopen,
    set_stripes,
)
from linli.ledger.errors import InsufficientBalance
from linli.ledger.holds import commit, hold, release
from linli.ledger.posting import AMOUNT_MAX, Line, Part, Posted, Purpose, post, reverse
from linli.ledger.reports import Holdings, holdings, statement, trial_balance, visible_balance
from linli.ledger.tables import Account, Entry, Hold, Posting

__all__ = [
    "AMOUNT_MAX",
    "Account",
    "Balance",
    "Entry",
    "Hold",
    "Holdings",
    "InsufficientBalance",
    "Line",
    "Owner",
    "OwnerKind",
    "Part",
    "Posted",
    "Posting",
    "Purpose",
    "Unit",
    "account",
    "balance",
    "close",
    "commit",
    "find_account",
    "hold",
    "holdings",
    "post",
    "release",
    "relocate",
    "reopen",
    "reverse",
    "set_stripes",
    "statement",
    "trial_balance",
    "visible_balance",
]

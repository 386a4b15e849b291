"""The public GraphQL API for plugins; only `<plugin>/graphql.py` imports it."""

from linli_graphql.amounts import Amount
from linli_graphql.connections import Connection
from linli_graphql.contribution import Contribution, Extension, extend, query
from linli_graphql.declaration import Mask, OwnThrough
from linli_graphql.ids import local_id, to_global_id
from linli_graphql.inputs import EXPECTED_VERSION, described, expose, input_type, values_of
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.documents import Attachment, IssuedDocument
from linli_graphql.kernel.identity import Household, Organisation, Person
from linli_graphql.kernel.ledger import LedgerAccount, LedgerEntry, LedgerPosting
from linli_graphql.masks import HIDDEN_MASK, NAME_MASK, PHONE_MASK
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, computed, many, node, one
from linli_graphql.request import GraphQLRequest

__all__ = [
    "EXPECTED_VERSION",
    "HIDDEN_MASK",
    "NAME_MASK",
    "PHONE_MASK",
    "Amount",
    "Area",
    "Attachment",
    "Connection",
    "Contribution",
    "Extension",
    "GraphQLRequest",
    "Household",
    "IssuedDocument",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerPosting",
    "Mask",
    "Node",
    "Organisation",
    "Outcome",
    "OwnThrough",
    "Person",
    "column",
    "computed",
    "described",
    "expose",
    "extend",
    "input_type",
    "local_id",
    "many",
    "mutation",
    "node",
    "one",
    "query",
    "to_global_id",
    "values_of",
]

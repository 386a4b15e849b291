"""Test support: documents run against the schema of a tenant, and hands that act by services or through the API."""

from linli_graphql.testing.bench import CompiledOutcome, GraphQLBench, Outcome, api
from linli_graphql.testing.exports import EXPORTING, Clerk, ExportDesk, Exported, export_desk
from linli_graphql.testing.hands import (
    Act,
    ApiHand,
    Hand,
    Refused,
    Repertoire,
    ServiceHand,
    refusal,
    send,
    written,
)
from linli_graphql.testing.sight import Seen, Sight

__all__ = [
    "EXPORTING",
    "Act",
    "ApiHand",
    "Clerk",
    "CompiledOutcome",
    "ExportDesk",
    "Exported",
    "GraphQLBench",
    "Hand",
    "Outcome",
    "Refused",
    "Repertoire",
    "Seen",
    "ServiceHand",
    "Sight",
    "api",
    "export_desk",
    "refusal",
    "send",
    "written",
]

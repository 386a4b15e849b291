"""Issuing what is printed."""

from __future__ import annotations

import strawberry

from linli.plugin import Context, documents
from linli_graphql.plugin import IssuedDocument, described, input_type, mutation, values_of
from linli_social_workers import papers


@input_type
class IssueSocialWorkerPaperInput:
    """Which registration a document is issued about."""

    id: strawberry.ID = described("The registration.")


@input_type
class IssueSocialWorkerAllowanceStatementInput:
    """Whose payments of which year a statement shows."""

    person_id: strawberry.ID = described("To whom they were paid.")
    year: int = described("The year in which they were paid.")


@mutation(gives=IssuedDocument)
async def issue_social_worker_card(ctx: Context, input: IssueSocialWorkerPaperInput) -> documents.Document:
    """Issue the certificate of a registration that is in force; an earlier one is revoked."""
    return await papers.issue_card(ctx, values_of(input, ids={"id": "SocialWorkerRegistration"})["id"])


@mutation(gives=IssuedDocument)
async def issue_social_worker_education_statement(
    ctx: Context, input: IssueSocialWorkerPaperInput
) -> documents.Document:
    """Issue a statement of the hours of education that were approved in the present term."""
    registration_id = values_of(input, ids={"id": "SocialWorkerRegistration"})["id"]
    return await papers.issue_education_statement(ctx, registration_id)


@mutation(gives=IssuedDocument)
async def issue_social_worker_allowance_statement(
    ctx: Context, input: IssueSocialWorkerAllowanceStatementInput
) -> documents.Document:
    """Issue a statement of the allowances that were paid to somebody in a year."""
    return await papers.issue_allowance_statement(ctx, **values_of(input, ids={"person_id": "Person"}))


PAPER_MUTATIONS = (
    issue_social_worker_card,
    issue_social_worker_education_statement,
    issue_social_worker_allowance_statement,
)

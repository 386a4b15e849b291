"""The closed lists of residence permits, and which papers an application needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final


class Ground(StrEnum):
    """By what somebody lives here lawfully and steadily, besides half a year of residence."""

    WORK = "work"
    HOUSING = "housing"
    SCHOOLING = "schooling"


class PaperKind(StrEnum):
    """A paper that is shown with an application."""

    IDENTITY = "identity"
    PHOTO = "photo"
    LABOUR_CONTRACT = "labour_contract"
    EMPLOYER_PROOF = "employer_proof"
    BUSINESS_LICENCE = "business_licence"
    TENANCY_CONTRACT = "tenancy_contract"
    PROPERTY_CERTIFICATE = "property_certificate"
    HOUSING_PROOF = "housing_proof"
    SCHOOL_PROOF = "school_proof"


class Missing(StrEnum):
    """What an application lacks."""

    IDENTITY = "identity"
    PHOTO = "photo"
    GROUND_PROOF = "ground_proof"
    STAY = "stay"


class Decision(StrEnum):
    """What the issuing authority decided."""

    APPROVED = "approved"
    REFUSED = "refused"


# 《居住证暂行条例》 art. 9: one of the papers for the ground, besides identity and photograph.
PROOFS: Final[Mapping[Ground, Collection[PaperKind]]] = {
    Ground.WORK: (PaperKind.LABOUR_CONTRACT, PaperKind.EMPLOYER_PROOF, PaperKind.BUSINESS_LICENCE),
    Ground.HOUSING: (PaperKind.TENANCY_CONTRACT, PaperKind.PROPERTY_CERTIFICATE, PaperKind.HOUSING_PROOF),
    Ground.SCHOOLING: (PaperKind.SCHOOL_PROOF,),
}


def missing_papers(ground: Ground, given: Collection[str]) -> list[Missing]:
    """All that is not there yet, in a fixed order."""
    found = [one for one in (Missing.IDENTITY, Missing.PHOTO) if one.value not in given]
    if not any(one.value in given for one in PROOFS[ground]):
        found.append(Missing.GROUND_PROOF)
    return found

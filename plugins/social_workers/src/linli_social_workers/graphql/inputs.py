"""What mutations take in."""

from __future__ import annotations

from datetime import date

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, described, input_type
from linli_social_workers.graphql.enums import Level, Subject


@input_type
class RecordSocialWorkerExamResultInput:
    """Enter one subject of a sitting from the official list: what it takes."""

    person_id: strawberry.ID = described("Who sat the exam.")
    level: Level = described("Of which level.")
    subject: Subject = described("What was examined.")
    year: int = described("In which year.")
    score: int | None = described("The score of 100; null when absent.", optional=True)
    place: str | None = described("The code of the place of the exam.", optional=True)
    fraud: bool | None = described("Whether the sitting was annulled for fraud.", optional=True)


@input_type
class CorrectSocialWorkerExamResultInput:
    """Correct a result; certificates that no longer follow from it are taken back: what it takes."""

    id: strawberry.ID = described("The result.")
    reason: str = described("Why; at most 500 characters.")
    score: int | None = described("The right score.", optional=True)
    fraud: bool | None = described("Whether the sitting is annulled for fraud.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class SetSocialWorkerPassMarkInput:
    """Enter the pass mark that was announced: what it takes."""

    year: int = described("For which year.")
    level: Level = described("For which level.")
    mark: int = described("The mark of 100 that passes.")
    place: str | None = described("For which place; all by default.", optional=True)


@input_type
class CertifySocialWorkerInput:
    """Enter the certificate of somebody whose results certify the level: what it takes."""

    person_id: strawberry.ID = described("Who.")
    level: Level = described("Which level.")
    number: str = described("Its number.")
    issued_on: date = described("When it was issued.")


@input_type
class RecogniseSocialWorkerCertificateInput:
    """Enter a certificate that was issued elsewhere: what it takes."""

    person_id: strawberry.ID = described("Who.")
    level: Level = described("Which level.")
    number: str = described("Its number.")
    issued_on: date = described("When it was issued.")
    passed_in: int = described("The year in which the last subject was passed.")


@input_type
class RevokeSocialWorkerCertificateInput:
    """Take a certificate back: what it takes."""

    id: strawberry.ID = described("The certificate.")
    reason: str = described("Why; at most 500 characters.")
    on: date | None = described("From which day; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ApplyForSocialWorkerRegistrationInput:
    """Apply for a registration, for oneself or somebody else: what it takes."""

    certificate_id: strawberry.ID = described("The certificate.")
    person_id: strawberry.ID | None = described("Who; the caller by default.", optional=True)


@input_type
class RegisterSocialWorkerInput:
    """The final review registers for three years: what it takes."""

    id: strawberry.ID = described("The registration.")
    valid_from: date | None = described("Since when; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class SuspendSocialWorkerRegistrationInput:
    """Suspend a registration: what it takes."""

    id: strawberry.ID = described("The registration.")
    reason: str = described("Why; at most 500 characters.")
    on: date | None = described("From which day; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RestoreSocialWorkerRegistrationInput:
    """A suspension is over: what it takes."""

    id: strawberry.ID = described("The registration.")
    on: date | None = described("From which day; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class CancelSocialWorkerRegistrationInput:
    """Strike a registration off: what it takes."""

    id: strawberry.ID = described("The registration.")
    reason: str = described("Why; at most 500 characters.")
    on: date | None = described("From which day; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ClaimSocialWorkerCreditInput:
    """Enter hours of education, for oneself or somebody else: what it takes."""

    person_id: strawberry.ID | None = described("Who; the caller by default.", optional=True)
    course: str = described("The course.")
    provider: str = described("Who held it.")
    hours: int = described("How many hours; 1 to 200.")
    completed_on: date = described("When it ended.")
    evidence: str = described("What shows it.")


@input_type
class TakeUpSocialWorkerPostInput:
    """A certified person works somewhere: what it takes."""

    person_id: strawberry.ID = described("Who.")
    area_id: strawberry.ID | None = described("Where; null is the whole tenant.")
    organisation_id: strawberry.ID | None = described("For which unit.", optional=True)
    from_on: date = described("Since which day.")


@input_type
class LeaveSocialWorkerPostInput:
    """A post has ended: what it takes."""

    id: strawberry.ID = described("The post.")
    on: date = described("The first day that is no day of it.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class LicenseSocialWorkerInput:
    """License a registered social worker for solo practice: what it takes."""

    person_id: strawberry.ID = described("Who.")
    number: str = described("Its number.")
    valid_from: date = described("The first day.")
    valid_until: date = described("The first day after it.")


@input_type
class EnterSocialWorkerPracticeInput:
    """Enter solo practice under a licence: what it takes."""

    person_id: strawberry.ID | None = described("Who; the caller by default.", optional=True)
    subject: str = described("What is done; at most 200 characters.")
    from_on: date = described("The first day.")
    to_on: date = described("The first day after it.")


@input_type
class EnterSocialWorkerSupervisionInput:
    """Note that one social worker supervised another: what it takes."""

    supervisor_id: strawberry.ID | None = described("Who supervised; the caller by default.", optional=True)
    person_id: strawberry.ID = described("Who was supervised.")
    on_day: date = described("On which day.")
    hours: int = described("For how many hours; 1 to 24.")


@input_type
class SetSocialWorkerAllowanceRuleInput:
    """Set what a level is paid a month: what it takes."""

    level: Level = described("Which level.")
    amount_fen: int = described("How much a month, in fen.")
    from_on: date = described("From which month on; the past too.")


@input_type
class ComputeSocialWorkerAllowancesInput:
    """Compute the allowances of a month that is over: what it takes."""

    month: date = described("A day of the month.")


@input_type
class MarkSocialWorkerAllowancesPaidInput:
    """The list was paid: what it takes."""

    id: strawberry.ID = described("The run.")
    paid_on: date = described("When.")
    reference: str = described("The reference of the payment.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class SetSocialWorkerTargetInput:
    """Enter what an area aims at in a year: what it takes."""

    area_id: strawberry.ID | None = described("The area; null is the whole tenant.")
    year: int = described("In which year.")
    communities: int = described("For how many communities.")
    aim: int = described("How many certified people.")
    source: str = described("Who says so.")


@input_type
class SocialWorkerStepInput:
    """Which thing takes its next step."""

    id: strawberry.ID = described("The registration, renewal, hours or run.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class SocialWorkerReasonInput:
    """Which thing ends or is refused, and why."""

    id: strawberry.ID = described("The registration, renewal, hours or licence.")
    reason: str = described("Why; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)

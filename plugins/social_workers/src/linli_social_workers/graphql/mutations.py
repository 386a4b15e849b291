"""What can be done; each mutation calls one service function, which has the rules."""

from __future__ import annotations

from linli.plugin import Context
from linli_graphql.plugin import mutation, values_of
from linli_social_workers import (
    allowances,
    education,
    exams,
    figures,
    posts,
    practice,
    registrations,
    renewals,
    tables,
)
from linli_social_workers.graphql.inputs import (
    ApplyForSocialWorkerRegistrationInput,
    CancelSocialWorkerRegistrationInput,
    CertifySocialWorkerInput,
    ClaimSocialWorkerCreditInput,
    ComputeSocialWorkerAllowancesInput,
    CorrectSocialWorkerExamResultInput,
    EnterSocialWorkerPracticeInput,
    EnterSocialWorkerSupervisionInput,
    LeaveSocialWorkerPostInput,
    LicenseSocialWorkerInput,
    MarkSocialWorkerAllowancesPaidInput,
    RecogniseSocialWorkerCertificateInput,
    RecordSocialWorkerExamResultInput,
    RegisterSocialWorkerInput,
    RestoreSocialWorkerRegistrationInput,
    RevokeSocialWorkerCertificateInput,
    SetSocialWorkerAllowanceRuleInput,
    SetSocialWorkerPassMarkInput,
    SetSocialWorkerTargetInput,
    SocialWorkerReasonInput,
    SocialWorkerStepInput,
    SuspendSocialWorkerRegistrationInput,
    TakeUpSocialWorkerPostInput,
)
from linli_social_workers.graphql.nodes import (
    SocialWorkerAllowanceRule,
    SocialWorkerAllowanceRun,
    SocialWorkerCertificate,
    SocialWorkerCredit,
    SocialWorkerExamResult,
    SocialWorkerLicence,
    SocialWorkerPassMark,
    SocialWorkerPost,
    SocialWorkerPractice,
    SocialWorkerRegistration,
    SocialWorkerRenewal,
    SocialWorkerSupervision,
    SocialWorkerTarget,
)


@mutation(gives=SocialWorkerExamResult)
async def record_social_worker_exam_result(
    ctx: Context, input: RecordSocialWorkerExamResultInput
) -> tables.ExamResult:
    """Enter one subject of a sitting from the official list."""
    return await exams.record_result(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=SocialWorkerExamResult)
async def correct_social_worker_exam_result(
    ctx: Context, input: CorrectSocialWorkerExamResultInput
) -> tables.ExamResult:
    """Correct a result; certificates that no longer follow from it are taken back."""
    values = values_of(input, ids={"id": "SocialWorkerExamResult"})
    return await exams.correct_result(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerPassMark)
async def set_social_worker_pass_mark(ctx: Context, input: SetSocialWorkerPassMarkInput) -> tables.PassMark:
    """Enter the pass mark that was announced."""
    return await exams.set_pass_mark(ctx, **values_of(input, ids={}))


@mutation(gives=SocialWorkerCertificate)
async def certify_social_worker(ctx: Context, input: CertifySocialWorkerInput) -> tables.Certificate:
    """Enter the certificate of somebody whose results certify the level."""
    return await exams.certify(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=SocialWorkerCertificate)
async def recognise_social_worker_certificate(
    ctx: Context, input: RecogniseSocialWorkerCertificateInput
) -> tables.Certificate:
    """Enter a certificate that was issued elsewhere."""
    return await exams.recognise(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=SocialWorkerCertificate)
async def revoke_social_worker_certificate(
    ctx: Context, input: RevokeSocialWorkerCertificateInput
) -> tables.Certificate:
    """Take a certificate back."""
    values = values_of(input, ids={"id": "SocialWorkerCertificate"})
    return await exams.revoke(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRegistration)
async def apply_for_social_worker_registration(
    ctx: Context, input: ApplyForSocialWorkerRegistrationInput
) -> tables.Registration:
    """Apply for a registration, for oneself or somebody else."""
    return await registrations.apply(
        ctx, **values_of(input, ids={"certificate_id": "SocialWorkerCertificate", "person_id": "Person"})
    )


@mutation(gives=SocialWorkerRegistration)
async def review_social_worker_registration(
    ctx: Context, input: SocialWorkerStepInput
) -> tables.Registration:
    """The first review finds an application right."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await registrations.review(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRegistration)
async def register_social_worker(ctx: Context, input: RegisterSocialWorkerInput) -> tables.Registration:
    """The final review registers for three years."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await registrations.register(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRegistration)
async def refuse_social_worker_registration(
    ctx: Context, input: SocialWorkerReasonInput
) -> tables.Registration:
    """A review refuses an application."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await registrations.refuse(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRegistration)
async def withdraw_social_worker_registration(
    ctx: Context, input: SocialWorkerStepInput
) -> tables.Registration:
    """Take an application back."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await registrations.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRegistration)
async def suspend_social_worker_registration(
    ctx: Context, input: SuspendSocialWorkerRegistrationInput
) -> tables.Registration:
    """Suspend a registration."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await registrations.suspend(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRegistration)
async def restore_social_worker_registration(
    ctx: Context, input: RestoreSocialWorkerRegistrationInput
) -> tables.Registration:
    """A suspension is over."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await registrations.restore(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRegistration)
async def cancel_social_worker_registration(
    ctx: Context, input: CancelSocialWorkerRegistrationInput
) -> tables.Registration:
    """Strike a registration off."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await registrations.cancel(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRenewal)
async def apply_for_social_worker_renewal(ctx: Context, input: SocialWorkerStepInput) -> tables.Renewal:
    """Apply for three more years, within the last three months."""
    values = values_of(input, ids={"id": "SocialWorkerRegistration"})
    return await renewals.apply(ctx, values["id"])


@mutation(gives=SocialWorkerRenewal)
async def renew_social_worker_registration(ctx: Context, input: SocialWorkerStepInput) -> tables.Renewal:
    """Renew for three years."""
    values = values_of(input, ids={"id": "SocialWorkerRenewal"})
    return await renewals.renew(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerRenewal)
async def refuse_social_worker_renewal(ctx: Context, input: SocialWorkerReasonInput) -> tables.Renewal:
    """Refuse a renewal."""
    values = values_of(input, ids={"id": "SocialWorkerRenewal"})
    return await renewals.refuse(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerCredit)
async def claim_social_worker_credit(ctx: Context, input: ClaimSocialWorkerCreditInput) -> tables.Credit:
    """Enter hours of education, for oneself or somebody else."""
    return await education.claim(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=SocialWorkerCredit)
async def approve_social_worker_credit(ctx: Context, input: SocialWorkerStepInput) -> tables.Credit:
    """Let hours count."""
    values = values_of(input, ids={"id": "SocialWorkerCredit"})
    return await education.approve(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerCredit)
async def refuse_social_worker_credit(ctx: Context, input: SocialWorkerReasonInput) -> tables.Credit:
    """Hours do not count."""
    values = values_of(input, ids={"id": "SocialWorkerCredit"})
    return await education.refuse(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerCredit)
async def annul_social_worker_credit(ctx: Context, input: SocialWorkerReasonInput) -> tables.Credit:
    """Hours that were approved count no longer."""
    values = values_of(input, ids={"id": "SocialWorkerCredit"})
    return await education.annul(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerPost)
async def take_up_social_worker_post(ctx: Context, input: TakeUpSocialWorkerPostInput) -> tables.Post:
    """A certified person works somewhere."""
    return await posts.take_up(
        ctx,
        **values_of(input, ids={"person_id": "Person", "area_id": "Area", "organisation_id": "Organisation"}),
    )


@mutation(gives=SocialWorkerPost)
async def leave_social_worker_post(ctx: Context, input: LeaveSocialWorkerPostInput) -> tables.Post:
    """A post has ended."""
    values = values_of(input, ids={"id": "SocialWorkerPost"})
    return await posts.leave(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerLicence)
async def license_social_worker(ctx: Context, input: LicenseSocialWorkerInput) -> tables.Licence:
    """License a registered social worker for solo practice."""
    return await practice.license_solo(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=SocialWorkerLicence)
async def revoke_social_worker_licence(ctx: Context, input: SocialWorkerReasonInput) -> tables.Licence:
    """Take a licence back."""
    values = values_of(input, ids={"id": "SocialWorkerLicence"})
    return await practice.revoke(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerPractice)
async def enter_social_worker_practice(
    ctx: Context, input: EnterSocialWorkerPracticeInput
) -> tables.Practice:
    """Enter solo practice under a licence."""
    return await practice.practise(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=SocialWorkerSupervision)
async def enter_social_worker_supervision(
    ctx: Context, input: EnterSocialWorkerSupervisionInput
) -> tables.Supervision:
    """Note that one social worker supervised another."""
    return await practice.supervise(
        ctx, **values_of(input, ids={"supervisor_id": "Person", "person_id": "Person"})
    )


@mutation(gives=SocialWorkerAllowanceRule)
async def set_social_worker_allowance_rule(
    ctx: Context, input: SetSocialWorkerAllowanceRuleInput
) -> tables.AllowanceRule:
    """Set what a level is paid a month."""
    return await allowances.set_rule(ctx, **values_of(input, ids={}))


@mutation(gives=SocialWorkerAllowanceRun)
async def compute_social_worker_allowances(
    ctx: Context, input: ComputeSocialWorkerAllowancesInput
) -> tables.AllowanceRun:
    """Compute the allowances of a month that is over."""
    return await allowances.compute(ctx, **values_of(input, ids={}))


@mutation(gives=SocialWorkerAllowanceRun)
async def review_social_worker_allowances(ctx: Context, input: SocialWorkerStepInput) -> tables.AllowanceRun:
    """Find a run right."""
    values = values_of(input, ids={"id": "SocialWorkerAllowanceRun"})
    return await allowances.review(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerAllowanceRun)
async def approve_social_worker_allowances(ctx: Context, input: SocialWorkerStepInput) -> tables.AllowanceRun:
    """Let a run be paid."""
    values = values_of(input, ids={"id": "SocialWorkerAllowanceRun"})
    return await allowances.approve(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerAllowanceRun)
async def mark_social_worker_allowances_exported(
    ctx: Context, input: SocialWorkerStepInput
) -> tables.AllowanceRun:
    """The list was handed to whoever pays."""
    values = values_of(input, ids={"id": "SocialWorkerAllowanceRun"})
    return await allowances.mark_exported(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerAllowanceRun)
async def mark_social_worker_allowances_paid(
    ctx: Context, input: MarkSocialWorkerAllowancesPaidInput
) -> tables.AllowanceRun:
    """The list was paid."""
    values = values_of(input, ids={"id": "SocialWorkerAllowanceRun"})
    return await allowances.mark_paid(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerAllowanceRun)
async def discard_social_worker_allowances(ctx: Context, input: SocialWorkerStepInput) -> tables.AllowanceRun:
    """Give up a run that is not approved."""
    values = values_of(input, ids={"id": "SocialWorkerAllowanceRun"})
    return await allowances.discard(ctx, values.pop("id"), **values)


@mutation(gives=SocialWorkerTarget)
async def set_social_worker_target(ctx: Context, input: SetSocialWorkerTargetInput) -> tables.Target:
    """Enter what an area aims at in a year."""
    return await figures.set_target(ctx, **values_of(input, ids={"area_id": "Area"}))


MUTATIONS = (
    record_social_worker_exam_result,
    correct_social_worker_exam_result,
    set_social_worker_pass_mark,
    certify_social_worker,
    recognise_social_worker_certificate,
    revoke_social_worker_certificate,
    apply_for_social_worker_registration,
    review_social_worker_registration,
    register_social_worker,
    refuse_social_worker_registration,
    withdraw_social_worker_registration,
    suspend_social_worker_registration,
    restore_social_worker_registration,
    cancel_social_worker_registration,
    apply_for_social_worker_renewal,
    renew_social_worker_registration,
    refuse_social_worker_renewal,
    claim_social_worker_credit,
    approve_social_worker_credit,
    refuse_social_worker_credit,
    annul_social_worker_credit,
    take_up_social_worker_post,
    leave_social_worker_post,
    license_social_worker,
    revoke_social_worker_licence,
    enter_social_worker_practice,
    enter_social_worker_supervision,
    set_social_worker_allowance_rule,
    compute_social_worker_allowances,
    review_social_worker_allowances,
    approve_social_worker_allowances,
    mark_social_worker_allowances_exported,
    mark_social_worker_allowances_paid,
    discard_social_worker_allowances,
    set_social_worker_target,
)

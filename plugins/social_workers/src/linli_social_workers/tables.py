"""The plugin's tables. `migrations/` has their keys, references and checks."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable, TenantTable


class ExamResult(AreaTable, tablename="social_workers_result"):
    """One subject of one person at one sitting, from the official list; lies where the person does."""

    person_id = UUID()
    level = Text()
    subject = Text()
    year = Integer()
    score = Integer(default=None, null=True, help_text="0 to 100; null when absent")
    place = Text(default="")
    fraud = Boolean(default=False)


class PassMark(TenantTable, tablename="social_workers_pass_mark"):
    """The mark that was announced for a year and level, for all or for one place."""

    year = Integer()
    level = Text()
    place = Text(default="")
    mark = Integer()


class Certificate(AreaTable, tablename="social_workers_certificate"):
    """A certificate of a level. `place` is where it counts; "" is everywhere."""

    person_id = UUID()
    number = Text()
    level = Text()
    source = Text()
    passed_in = Integer(help_text="the year in which the last subject was passed")
    place = Text(default="")
    issued_on = Date()
    state = Text(default="valid")
    revoked_on = Date(default=None, null=True)
    reason = Text(default="")


class Registration(AreaTable, tablename="social_workers_registration"):
    """A registration, valid for three years at a time from `valid_from` up to, and without, `valid_until`."""

    person_id = UUID()
    certificate_id = UUID()
    number = Text(default="")
    state = Text(default="applied")
    applied_on = Date()
    applied_by = UUID(default=None, null=True)
    overdue = Boolean(default=False, help_text="applied for more than a year after passing")
    due_at = Timestamptz(default=None, null=True, help_text="until when the final review is due")
    first_reviewed_by = UUID(default=None, null=True)
    final_reviewed_by = UUID(default=None, null=True)
    valid_from = Date(default=None, null=True)
    valid_until = Date(default=None, null=True)
    suspended_on = Date(default=None, null=True)
    ended_on = Date(default=None, null=True)
    reason = Text(default="")


class Renewal(AreaTable, tablename="social_workers_renewal"):
    """A renewal of a registration for three more years, with the hours that counted."""

    registration_id = UUID()
    person_id = UUID()
    state = Text(default="applied")
    applied_on = Date()
    applied_by = UUID(default=None, null=True)
    hours_required = Integer()
    hours_counted = Integer()
    decided_by = UUID(default=None, null=True)
    decided_on = Date(default=None, null=True)
    reason = Text(default="")


class Credit(AreaTable, tablename="social_workers_credit"):
    """Hours of continuing education, once somebody else approved them."""

    person_id = UUID()
    course = Text()
    provider = Text()
    hours = Integer()
    completed_on = Date()
    evidence = Text()
    state = Text(default="claimed")
    claimed_by = UUID(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    reason = Text(default="")


class Post(AreaTable, tablename="social_workers_post"):
    """Where somebody works as a social worker, from `from_on` up to, and without, `to_on`: an area, or a unit there."""

    person_id = UUID()
    organisation_id = UUID(default=None, null=True)
    from_on = Date()
    to_on = Date(default=None, null=True)


class Licence(AreaTable, tablename="social_workers_licence"):
    """A licence for solo practice, from `valid_from` up to, and without, `valid_until`."""

    person_id = UUID()
    number = Text()
    valid_from = Date()
    valid_until = Date()
    state = Text(default="valid")
    reason = Text(default="")


class Practice(AreaTable, tablename="social_workers_practice"):
    """Solo practice of somebody, under a licence that covers it."""

    person_id = UUID()
    licence_id = UUID()
    subject = Text()
    from_on = Date()
    to_on = Date()


class Supervision(AreaTable, tablename="social_workers_supervision"):
    """That one social worker supervised another on a day, for so many hours. What was said is not kept."""

    supervisor_id = UUID()
    person_id = UUID()
    on_day = Date()
    hours = Integer()


class Fact(AreaTable, tablename="social_workers_fact"):
    """What was known, from `recorded_at` until `superseded_at`, to hold from `from_on` up to, and without, `to_on`.

    Rows are only added and superseded, so that what was known at any moment can be asked for.
    """

    kind = Text()
    person_id = UUID()
    subject_id = UUID()
    level = Text(default="")
    from_on = Date()
    to_on = Date(default=None, null=True)
    recorded_at = Timestamptz()
    superseded_at = Timestamptz(default=None, null=True)


class AllowanceRule(TenantTable, tablename="social_workers_allowance_rule"):
    """What a level is paid a month, in fen, from a month on; as known from `recorded_at` until `superseded_at`."""

    level = Text()
    amount_fen = BigInt()
    from_on = Date()
    to_on = Date(default=None, null=True)
    recorded_at = Timestamptz()
    superseded_at = Timestamptz(default=None, null=True)


class AllowanceRun(TenantTable, tablename="social_workers_allowance_run"):
    """The allowances of a month, with the differences of earlier ones; `known_at` is what it was computed from."""

    month = Date()
    state = Text(default="computed")
    known_at = Timestamptz()
    people = Integer(default=0)
    total_fen = BigInt(default=0)
    computed_by = UUID(default=None, null=True)
    reviewed_by = UUID(default=None, null=True)
    approved_by = UUID(default=None, null=True)
    paid_on = Date(default=None, null=True)
    reference = Text(default="")


class AllowanceLine(AreaTable, tablename="social_workers_allowance_line"):
    """What a run pays one person for one month; a difference says which month it corrects, and why."""

    run_id = UUID()
    person_id = UUID()
    kind = Text()
    for_month = Date()
    level = Text(default="")
    amount_fen = BigInt()
    reason = Text(default="")


class Target(AreaTable, tablename="social_workers_target"):
    """How many certified social workers an area aims at in a year; the last version counts."""

    year = Integer()
    communities = Integer()
    aim = Integer()
    source = Text()

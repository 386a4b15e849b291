"""The tables of the register. The database's side of them is in `migrations/`."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import UUID, Boolean, Date, Integer, Text

from linli.plugin import AreaTable, TenantTable


class Category(TenantTable, tablename="organisations_category"):
    """A trade (行业). One trade may have several organisations (一业多会), so nothing here is exclusive."""

    key = Text()
    name_zh = Text()
    name_en = Text()


class Registration(AreaTable, tablename="organisations_registration"):
    """An entry of the register: the application, and what became of it. Lies in its organisation's area.

    `number` and `entered_on` are there once it was approved; `ended_on` is the first day without it.
    `upgrades_id` names the filing (备案) that this registration (登记) takes the place of. The columns from
    `decided_by` to `object_until` tell of the latest decision.
    """

    organisation_id = UUID()
    track = Text()
    kind = Text()
    category_id = UUID()
    scope = Text(help_text="what the organisation does (业务范围)")
    authority = Text(default="", help_text="the competent authority (业务主管单位); empty when there is none")
    state = Text(default="applied")
    number = Text(default=None, null=True)
    applied_on = Date()
    applied_by = UUID(default=None, null=True)
    entered_on = Date(default=None, null=True)
    ended_on = Date(default=None, null=True)
    upgrades_id = UUID(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_on = Date(default=None, null=True)
    reason = Text(default="")
    rule = Text(default="", help_text="the rule, with its version, that the decision rests on")
    object_until = Date(default=None, null=True, help_text="the last day to object to the decision")
    objection = Text(default="")


class Officer(AreaTable, tablename="organisations_officer"):
    """Somebody's time in a post, from `valid_from` up to, and without, `valid_to`.

    Either a person of the register, or a name.
    """

    registration_id = UUID()
    person_id = UUID(default=None, null=True)
    name = Text(default=None, null=True)
    post = Text()
    valid_from = Date()
    valid_to = Date(default=None, null=True)
    is_serving_official = Boolean(default=False, help_text="as declared; never true (a check of the table)")

    personal_columns: ClassVar[frozenset[str]] = frozenset({"name"})


class Grading(AreaTable, tablename="organisations_grading"):
    """The result of an assessment. Valid from `published_on` to `valid_until`, both included.

    `valid_until` is moved forward when the grade is revoked, or replaced by a newer one.
    """

    registration_id = UUID()
    grade = Text()
    score = Integer(help_text="points of 1,000")
    assessed_on = Date()
    state = Text(default="draft")
    drafted_by = UUID(default=None, null=True)
    published_on = Date(default=None, null=True)
    published_by = UUID(default=None, null=True)
    valid_until = Date(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_on = Date(default=None, null=True)
    reason = Text(default="")
    rule = Text(default="")
    object_until = Date(default=None, null=True)


class Assessor(AreaTable, tablename="organisations_assessor"):
    """Somebody who took part in an assessment and declared to have no interest in it."""

    grading_id = UUID()
    person_id = UUID(default=None, null=True)
    name = Text(default=None, null=True)
    has_interest = Boolean(default=False, help_text="as declared; never true (a check of the table)")

    personal_columns: ClassVar[frozenset[str]] = frozenset({"name"})


class Bar(AreaTable, tablename="organisations_bar"):
    """From `barred_from` to `barred_until`, both included, an organisation may not apply for public funds.

    A bar that was lifted does not count from `lifted_on` on.
    """

    organisation_id = UUID()
    barred_from = Date()
    barred_until = Date()
    reason = Text()
    rule = Text(default="", help_text="the rule, with its version, that the bar rests on")
    object_until = Date(default=None, null=True, help_text="the last day to object to the bar")
    imposed_by = UUID(default=None, null=True)
    lifted_on = Date(default=None, null=True)
    lifted_by = UUID(default=None, null=True)
    lift_reason = Text(default="")

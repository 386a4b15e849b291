"""The public plugin API: all that a plugin may import from the kernel.

Whole modules are given where a plugin reads best with their name: `rows.insert(…)`, `people.register(…)`,
`areas.get(…)`, `checks.line(…)`, `audit.record(…)`. Tests of a plugin may also import `linli.testing`, and
`<plugin>/graphql.py` imports `linli_graphql.plugin`. A name that is here stays:
`tests/core/plugin_api.txt` lists them.
"""

from linli import documents, files, ledger, notifications, printing, privacy
from linli.areas import tree as areas
from linli.areas.locking import hold_tree
from linli.areas.paths import within
from linli.audit import record as audit
from linli.boards import Board, Boards, Ranked, with_positions
from linli.canonical import canonical_json, folded
from linli.clock import (
    CalendarDays,
    Deadline,
    FixedClock,
    Pause,
    WallClock,
    WorkingCalendar,
    WorkingDays,
    add_months,
    due_if_known,
    last_of_month,
)
from linli.context import Actor, ActorKind, Context, PermissionDenied
from linli.db import rows
from linli.db.bulk import insert_many
from linli.db.ddl import Migration
from linli.db.failures import BrokenReference, Duplicate, RefusedByRule
from linli.db.tables import AreaTable, TenantTable
from linli.errors import (
    Conflict,
    Forbidden,
    FutureDate,
    Invalid,
    LinliError,
    NotFound,
    Required,
    StaleVersion,
    TooLong,
    Unavailable,
    UnknownValue,
)
from linli.events import Event, StoredEvent, Subscription, publish
from linli.handover.fields import FieldValue, HandoverField, HandoverFields
from linli.hookspecs import hookimpl
from linli.http.pages import PageSection, public_address, public_page, qr_code
from linli.http.routes import Route, RouteResponse
from linli.i18n import yuan
from linli.identity import checks, households, organisations, people, people_bulk
from linli.identity.demo_organisations import ensure_demo_organisations
from linli.identity.events import OrganisationMoved, PersonEnded, PersonMerged, PersonMoved
from linli.identity.numbers import check_division_code, check_mobile, check_resident_id, check_uscc
from linli.identity.places import (
    Place,
    changeable,
    in_place,
    is_self,
    own_or,
    own_or_visible,
    place_for,
    visible,
)
from linli.identity.tables import Household, Organisation, Person
from linli.ids import new_id
from linli.jobs import Job, enqueue
from linli.masks import mask_email, mask_id_number, mask_name, mask_phone
from linli.privacy import BlindIndex, EncryptedText, Kept, SubjectData, subject_table
from linli.tenancy import standards
from linli.tenancy.provisioner import (
    Provisioner,
    ProvisionRequest,
    demo_id,
    demo_officer,
    demo_person,
    demo_step,
)
from linli.transfer.area_names import area_meant, find_areas
from linli.transfer.kinds import (
    ColumnType,
    ImportColumn,
    ImportedRow,
    ImportKind,
    RowOutcome,
    RowResult,
    refused,
    row_by_row,
)
from linli.verifiable import new_number, normal_number
from linli.workflow import (
    Facts,
    Guard,
    OwnWork,
    StateMachine,
    Transition,
    UndefinedTransition,
    decision_facts,
    has_part,
    own_accounts,
)

__all__ = [
    "Actor",
    "ActorKind",
    "AreaTable",
    "BlindIndex",
    "Board",
    "Boards",
    "BrokenReference",
    "CalendarDays",
    "ColumnType",
    "Conflict",
    "Context",
    "Deadline",
    "Duplicate",
    "EncryptedText",
    "Event",
    "Facts",
    "FieldValue",
    "FixedClock",
    "Forbidden",
    "FutureDate",
    "Guard",
    "HandoverField",
    "HandoverFields",
    "Household",
    "ImportColumn",
    "ImportKind",
    "ImportedRow",
    "Invalid",
    "Job",
    "Kept",
    "LinliError",
    "Migration",
    "NotFound",
    "Organisation",
    "OrganisationMoved",
    "OwnWork",
    "PageSection",
    "Pause",
    "PermissionDenied",
    "Person",
    "PersonEnded",
    "PersonMerged",
    "PersonMoved",
    "Place",
    "ProvisionRequest",
    "Provisioner",
    "Ranked",
    "RefusedByRule",
    "Required",
    "Route",
    "RouteResponse",
    "RowOutcome",
    "RowResult",
    "StaleVersion",
    "StateMachine",
    "StoredEvent",
    "SubjectData",
    "Subscription",
    "TenantTable",
    "TooLong",
    "Transition",
    "Unavailable",
    "UndefinedTransition",
    "UnknownValue",
    "WallClock",
    "WorkingCalendar",
    "WorkingDays",
    "add_months",
    "area_meant",
    "areas",
    "audit",
    "canonical_json",
    "changeable",
    "check_division_code",
    "check_mobile",
    "check_resident_id",
    "check_uscc",
    "checks",
    "decision_facts",
    "demo_id",
    "demo_officer",
    "demo_person",
    "demo_step",
    "documents",
    "due_if_known",
    "enqueue",
    "ensure_demo_organisations",
    "files",
    "find_areas",
    "folded",
    "has_part",
    "hold_tree",
    "hookimpl",
    "households",
    "in_place",
    "insert_many",
    "is_self",
    "last_of_month",
    "ledger",
    "mask_email",
    "mask_id_number",
    "mask_name",
    "mask_phone",
    "new_id",
    "new_number",
    "normal_number",
    "notifications",
    "organisations",
    "own_accounts",
    "own_or",
    "own_or_visible",
    "people",
    "people_bulk",
    "place_for",
    "printing",
    "privacy",
    "public_address",
    "public_page",
    "publish",
    "qr_code",
    "refused",
    "row_by_row",
    "rows",
    "standards",
    "subject_table",
    "visible",
    "with_positions",
    "within",
    "yuan",
]

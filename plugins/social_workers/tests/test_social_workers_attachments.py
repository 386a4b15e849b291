"""Evidence of hours and papers of applications: attached before a decision, read by those who may read the thing."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.files.disk import DiskStore
from linli.plugin import LinliError, files

PDF = b"%PDF-1.7\n" + bytes(300)
LISTED = """query ($id: ID!) { node(id: $id) { ... on %s { attachments { nodes { id kind name sizeBytes } } } } }"""
LINK = """mutation ($id: ID!) { createFileLink(input: {id: $id}) { path problems { code } } }"""


class Drawer:
    """Attaches files as somebody, on a disk of the test's."""

    def __init__(self, world: Any, folder: Path) -> None:
        self.world = world
        self.folder = folder

    async def attach(self, actor: Any, kind: str, owner: UUID) -> str:
        """What came of it: "" or the code of a refusal."""
        try:
            async with self.world.context(actor) as ctx:
                ctx.db.store = DiskStore(self.folder)
                await files.attach(
                    ctx, io.BytesIO(PDF), kind=f"social_workers.{kind}", owner_id=owner, name="结业证.pdf"
                )
        except LinliError as error:
            return error.code
        return ""


@pytest.fixture
def drawer(world: Any, tmp_path: Path) -> Drawer:
    return Drawer(world, tmp_path)


async def claimed(quick: Any, person: UUID) -> UUID:
    given = {"course": "社区工作", "provider": "中心", "hours": 8, "evidence": "结业证"}
    made = await quick.act(
        "claimSocialWorkerCredit", person_id=person, completed_on=date(2026, 5, 1), **given
    )
    return UUID(str(made))


async def test_evidence_is_attached_by_the_person_and_read_by_the_approver(
    quick: Any, world: Any, api: Any, drawer: Drawer
) -> None:
    person = await world.person()
    credit = await claimed(quick, person)
    me = world.resident(person)
    assert await drawer.attach(me, "evidence", credit) == ""
    seen = await api.execute(
        world.tenant, world.officer, LISTED % "SocialWorkerCredit", {"id": f"SocialWorkerCredit_{credit}"}
    )
    (file,) = seen["node"]["attachments"]["nodes"]
    assert (file["kind"], file["name"], file["sizeBytes"]) == (
        "social_workers.evidence",
        "结业证.pdf",
        len(PDF),
    )
    for actor in (me, world.officer):
        assert (await api.execute(world.tenant, actor, LINK, {"id": file["id"]}))["createFileLink"]["path"]
    stranger = world.resident(await world.person())
    refused = await api.execute(world.tenant, stranger, LINK, {"id": file["id"]})
    assert refused["createFileLink"]["problems"] == [{"code": "not_found"}]


async def test_nothing_is_attached_by_a_stranger_or_after_the_decision(
    quick: Any, world: Any, drawer: Drawer
) -> None:
    person = await world.person()
    credit, application = await claimed(quick, person), await quick.applied(person)
    stranger = world.resident(await world.person())
    reader = world.bench.actor(["social_workers.credit.read", "social_workers.registration.read"])
    for kind, owner in (("evidence", credit), ("application", application)):
        assert await drawer.attach(stranger, kind, owner) == "not_found"
        assert await drawer.attach(reader, kind, owner) == "permission_denied"
        assert await drawer.attach(world.resident(person), kind, owner) == ""
        assert await drawer.attach(world.officer, kind, owner) == ""
    await quick.act("approveSocialWorkerCredit", world.second, id=credit)
    await quick.act("reviewSocialWorkerRegistration", world.second, id=application)
    for kind, owner in (("evidence", credit), ("application", application)):
        assert await drawer.attach(world.officer, kind, owner) == "social_workers.already_decided"


async def test_a_registration_shows_what_was_handed_in(
    quick: Any, world: Any, api: Any, drawer: Drawer
) -> None:
    person = await world.person()
    application = await quick.applied(person)
    await drawer.attach(world.resident(person), "application", application)
    given = {"id": f"SocialWorkerRegistration_{application}"}
    seen = await api.execute(world.tenant, world.resident(person), LISTED % "SocialWorkerRegistration", given)
    assert [one["kind"] for one in seen["node"]["attachments"]["nodes"]] == ["social_workers.application"]
    removing = "mutation ($id: ID!) { removeAttachment(input: {id: $id}) { problems { code } } }"
    file = {"id": seen["node"]["attachments"]["nodes"][0]["id"]}
    await quick.act("reviewSocialWorkerRegistration", world.second, id=application)
    kept = await api.execute(world.tenant, world.resident(person), removing, file)
    assert kept["removeAttachment"]["problems"] == [{"code": "social_workers.already_decided"}]

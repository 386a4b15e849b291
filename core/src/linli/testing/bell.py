"""A plugin named `bell` with messages and a channel whose gateway a test gives, and the worker around it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from linli.clock import FixedClock
from linli.context import Actor
from linli.db.database import Database
from linli.identity import people
from linli.notifications.delivering import Outbox
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Catalogue, Tenant
from linli.tenancy.settings import set_setting
from linli.testing.factories import Bench
from linli.testing.fake_plugins import FakePlugins
from linli.testing.messages import SimulatedGateway

NOON = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
PHONE = "19900000001"
MANIFEST = """
[messages."bell.rung"]
class = "service"
title = { zh = "响铃", en = "The bell" }
body = { zh = "铃响了 {times} 次：{place}", en = "It rang {times} times: {place}" }
placeholders = { times = { kind = "number" }, place = { kind = "line", of = "areas_area.name" } }

[messages."bell.due"]
class = "reminder"
title = { zh = "请按铃", en = "Please ring" }
body = { zh = "编号 {number}", en = "Number {number}" }
placeholders = { number = { kind = "code" } }

[messages."bell.law"]
class = "required"
title = { zh = "必达", en = "Required" }
body = { zh = "请阅读。", en = "Please read." }
"""
PLUGIN = """
from linli.notifications import sms_channel
from linli_bell.wiring import RELAY

@hookimpl
def message_channels():
    return [sms_channel(RELAY)]
"""
CHANNELS = {"service": "in_app sms", "reminder": "in_app sms", "required": "sms"}
WIRING = """
class Relay:
    gateway = None

    async def send(self, message):
        return await self.gateway.send(message)

RELAY = Relay()
"""


@dataclass(slots=True)
class Bell:
    """A tenant of one resident, the plugin, and a worker's outbox whose clock the test sets."""

    bench: Bench
    tenant: Tenant
    clock: FixedClock
    outbox: Outbox
    gateway: SimulatedGateway
    person_id: object = None
    resident: Actor = field(default_factory=lambda: Bench.actor(()))

    async def work(self, rounds: int = 20) -> int:
        """Let the worker take turns until nothing is due; gives how many turns had work."""
        done = 0
        while done < rounds and await self.outbox.serve(self.tenant.id):
            done += 1
        return done


@contextmanager
def bell_plugin(folder: Path) -> Iterator[tuple[FakePlugins, object]]:
    """The plugin, for as long as the block lasts, and the relay behind its channel."""
    with FakePlugins(folder) as fakes:
        fakes.add("bell", PLUGIN, manifest=MANIFEST, files={"wiring.py": WIRING})
        yield fakes, importlib.import_module("linli_bell.wiring").RELAY


async def make_bell(
    fakes: FakePlugins, relay: object, database: Database, folder: Path, **settings: object
) -> Bell:
    """A tenant with the plugin, whose service messages and reminders also go by SMS."""
    composition = fakes.compose()
    assert not composition.quarantined, composition.quarantined
    bench = Bench(database, composition)
    tenant = await bench.tenant(plugins=("bell",))
    async with bench.context(tenant) as ctx:
        for name, channels in CHANNELS.items():
            await set_setting(ctx, name=f"notifications.channels_{name}", value=channels)
    bench.catalogue.forget(tenant.id)
    tenant = await bench.catalogue.by_id(tenant.id)
    gateway = SimulatedGateway()
    relay.gateway = gateway  # type: ignore[attr-defined]
    clock = FixedClock(NOON)
    runtime = Runtime(
        settings=Settings(data_dir=folder, message_timeout_ms=50, **settings),  # type: ignore[arg-type]
        database=database,
        catalogue=Catalogue(database),
        composition=composition,
        clock=clock,
    )
    bell = Bell(bench, tenant, clock, Outbox(runtime), gateway)
    async with bench.context(tenant, clock=clock) as ctx:
        person = await people.register(ctx, area_id=None, full_name="测试人员", phone=PHONE, synthetic=True)
    bell.person_id = person.id
    bell.resident = replace(bell.resident, person_id=person.id)
    return bell

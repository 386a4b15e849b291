"""Manifests: strict, and clear about what is wrong and where."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from linli.manifest import MANIFEST_BYTES_MAX, BadManifest, Manifest, read_manifest, read_part

COMPLETE = """
[plugin]
name = "clubs"
title = { zh = "社团", en = "Clubs" }
version = "1.2.0"
kernel = ">=0.1,<0.2"
prefix = "clubs_"
tier = "bronze"
requires = { organisations = ">=0.1" }
locales = ["zh-CN", "en"]

[permissions]
"clubs.club.read" = { zh = "查看社团。", en = "Read clubs." }
clubs.club.create = { zh = "登记社团。", en = "Add clubs." }

[events.publishes]
"clubs.club_founded" = { version = 1, zh = "社团已成立。", en = "A club was founded." }

[events.consumes]
"organisations.registered" = 2

[settings."clubs.fee_share"]
type = "decimal"
default = 0.6
mode = "bounded"
zh = "会费比例。"
en = "Share of the fees."

[roles]
admin = ["clubs.club.read", "clubs.club.create"]

[personal_data]
"clubs_club.contact" = { class = "personal", purpose = "联系社团" }
"""


def read(folder: Path, content: str, plugin: str = "clubs") -> Manifest:
    path = folder / "plugin.toml"
    path.write_text(content, encoding="utf-8")
    return read_manifest(path, plugin)


def fault(folder: Path, old: str, new: str) -> dict[str, object]:
    """What is refused when one piece of the complete manifest is replaced."""
    assert old in COMPLETE
    with pytest.raises(BadManifest) as caught:
        read(folder, COMPLETE.replace(old, new))
    details = dict(caught.value.details)
    assert f"plugin.toml:{details['line']}" in str(details["place"]) or not details["line"]
    assert details.pop("plugin") == "clubs"
    assert str(details.pop("file")).endswith("plugin.toml")
    return details


def test_a_complete_manifest_is_read(tmp_path: Path) -> None:
    manifest = read(tmp_path, COMPLETE)
    assert (manifest.name, manifest.version, manifest.requires) == (
        "clubs",
        "1.2.0",
        {"organisations": ">=0.1"},
    )
    declares = manifest.declares
    assert sorted(declares.permissions) == ["clubs.club.create", "clubs.club.read"]
    assert declares.publishes["clubs.club_founded"].version == 1
    assert declares.consumes == {"organisations.registered": 2}
    assert declares.settings["clubs.fee_share"].default == Decimal("0.6")
    assert declares.roles == {"admin": ("clubs.club.read", "clubs.club.create")}
    assert declares.personal_data["clubs_club.contact"].class_ == "personal"


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ('tier = "bronze"', 'tier = "brass"', "plugin.tier", 8),
        ('tier = "bronze"', 'teir = "bronze"', "plugin.teir", 8),
        ('prefix = "clubs_"', 'prefix = "club_"', "plugin.prefix", 7),
        ('version = "1.2.0"', 'version = "one"', "plugin.version", 5),
        ('version = "1.2.0"', "version = 1", "plugin.version", 5),
        ('">=0.1,<0.2"', '"0.1 or so"', "plugin.kernel", 6),
        ('{ organisations = ">=0.1" }', '{ organisations = "new" }', "plugin.requires.organisations", 9),
        ('"clubs.club.read" = {', '"other.club.read" = {', "permissions.other.club.read", 13),
        ('"clubs.club.read" = {', '"clubs.Club" = {', "permissions.clubs.Club", 13),
        ('zh = "查看社团。", ', "", "permissions.clubs.club.read", 13),
        ("version = 1,", "version = 0,", "events.publishes.clubs.club_founded.version", 17),
        ('"organisations.registered" = 2', '"organisations.registered" = "2"', "events.consumes.", 20),
        ('type = "decimal"', 'type = "text"', "settings.clubs.fee_share.default", 24),
        ("default = 0.6", "default = nan", "settings.clubs.fee_share.default", 24),
        ("default = 0.6", "default = true", "settings.clubs.fee_share.default", 24),
        ("admin =", "mayor =", "roles.mayor", 30),
        ('"clubs.club.read", "clubs', '"areas.read", "clubs', "roles.admin", 30),
        ('class = "personal"', 'class = "secret"', "personal_data.clubs_club.contact.class", 33),
        ('"clubs_club.contact"', '"identity_person.name"', "personal_data.identity_person.name", 33),
        ("[roles]", "[rolls]", "rolls", 29),
        ("[events.consumes]", "[events.hears]", "events.hears", 19),
    ],
)
def test_a_fault_names_its_key_and_line(tmp_path: Path, old: str, new: str, key: str, line: int) -> None:
    details = fault(tmp_path, old, new)
    assert str(details["key"]).startswith(key)
    assert details["line"] == line
    assert details["reason"]


def test_broken_toml_is_refused_with_its_position(tmp_path: Path) -> None:
    assert "line 3" in str(fault(tmp_path, 'name = "clubs"', "name = clubs")["reason"])


def test_a_manifest_of_another_name_is_refused(tmp_path: Path) -> None:
    read(tmp_path, COMPLETE)
    with pytest.raises(BadManifest, match="entry point"):
        read(tmp_path, COMPLETE, plugin="teams")


def test_a_missing_plugin_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadManifest) as caught:
        read(tmp_path, "")
    assert caught.value.details["key"] == "plugin"


def test_a_missing_a_binary_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadManifest):
        read_manifest(tmp_path / "absent.toml", "clubs")
    path = tmp_path / "plugin.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadManifest):
        read_manifest(path, "clubs")
    path.write_bytes(b"#" * (MANIFEST_BYTES_MAX + 1))
    with pytest.raises(BadManifest, match="larger"):
        read_manifest(path, "clubs")


def test_a_part_of_the_kernel_gives_its_events_directly(tmp_path: Path) -> None:
    path = tmp_path / "part.toml"
    path.write_text(
        '[events]\n"areas.moved" = { version = 1, zh = "已移动。", en = "Moved." }\n', encoding="utf-8"
    )
    assert read_part(path, "areas").publishes["areas.moved"].version == 1
    with pytest.raises(BadManifest, match=r"must start with 'identity\.'"):
        read_part(path, "identity")


MESSAGE = """
[messages."clubs.joined"]
class = "service"
title = { zh = "欢迎加入{club}", en = "Welcome to {club}" }
body = { zh = "您是第 {number} 名成员。", en = "You are member {number}." }
placeholders = { club = { kind = "line", of = "clubs_club.name" }, number = { kind = "number" } }
"""


def test_a_type_of_messages_is_read(tmp_path: Path) -> None:
    declared = read(tmp_path, COMPLETE + MESSAGE).declares.messages["clubs.joined"]
    assert (declared.class_, declared.title.en) == ("service", "Welcome to {club}")
    assert declared.placeholders["club"].of == "clubs_club.name"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"clubs.joined"', '"other.joined"', "messages.other.joined"),
        ('class = "service"', 'class = "advertisement"', "messages.clubs.joined.class"),
        ("Welcome to {club}", "Welcome", "messages.clubs.joined.placeholders.club"),
        ("欢迎加入{club}", "欢迎加入{name}", "messages.clubs.joined.placeholders.club"),
        ("欢迎加入{club}", "欢迎加入{club.owner}", "messages.clubs.joined.title"),
        ("欢迎加入{club}", "欢迎加入{club!r}", "messages.clubs.joined.title"),
        ("欢迎加入{club}", "欢迎加入{club:>9}", "messages.clubs.joined.title"),
        ("欢迎加入{club}", "欢迎加入{}{club}", "messages.clubs.joined.title"),
        ("欢迎加入{club}", "欢迎加入{club", "messages.clubs.joined.title"),
        (', of = "clubs_club.name"', "", "messages.clubs.joined.placeholders.club.of"),
        (
            '{ kind = "number" }',
            '{ kind = "number", of = "clubs_club.size" }',
            "messages.clubs.joined.placeholders",
        ),
        ('{ kind = "number" }', '{ kind = "name" }', "messages.clubs.joined.placeholders"),
    ],
)
def test_a_fault_in_a_message_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert MESSAGE.count(old) == 1
    with pytest.raises(BadManifest) as caught:
        read(tmp_path, COMPLETE + MESSAGE.replace(old, new))
    assert str(caught.value.details["key"]).startswith(key)


RETENTION = """
[retention."clubs.paper"]
table = "clubs_paper"
moment = "created_at"
days = 365
empties = ["content"]
marks = "emptied_at"
zh = "文件"
en = "Papers"
"""


def test_a_retention_rule_may_empty_columns(tmp_path: Path) -> None:
    rule = read(tmp_path, COMPLETE + RETENTION).declares.retention["clubs.paper"]
    assert (rule.empties, rule.marks, rule.kept) == (("content",), "emptied_at", False)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('table = "clubs_paper"', 'table = "other_paper"', "table"),
        ("days = 365", "days = 365\nkept = true", "empties"),
        ('empties = ["content"]', "", "marks"),
        ('["content"]', '["content = 1"]', "empties"),
        ('"emptied_at"', '"emptied at"', "marks"),
    ],
)
def test_a_fault_in_a_retention_rule_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert RETENTION.count(old) == 1
    with pytest.raises(BadManifest) as caught:
        read(tmp_path, COMPLETE + RETENTION.replace(old, new))
    assert str(caught.value.details["key"]).startswith(f"retention.clubs.paper.{key}")

"""Catalogues of texts and the choice of a locale."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli import errors
from linli.clock import errors as clock_errors
from linli.i18n import (
    Catalogue,
    TextError,
    TextSource,
    kernel_texts,
    negotiate,
    parameters,
    read_texts,
)
from linli.identity import numbers
from linli.workflow import errors as workflow_errors

KERNEL = kernel_texts()
CATALOGUE = Catalogue([KERNEL])


def source(name: str, **texts: dict[str, str]) -> TextSource:
    return TextSource(name, {locale.replace("_", "-"): entries for locale, entries in texts.items()})


GREETING = source(
    "a", zh_CN={"hello": "你好，{name}！", "only.zh": "只有中文"}, en={"hello": "Hello, {name}!"}
)


def test_the_kernels_languages_have_the_same_keys() -> None:
    assert set(KERNEL.texts) == {"zh-CN", "en"}
    assert set(KERNEL.texts["zh-CN"]) == set(KERNEL.texts["en"])


@pytest.mark.parametrize("key", sorted(KERNEL.texts["zh-CN"]))
def test_the_kernels_languages_name_the_same_parameters(key: str) -> None:
    assert parameters(KERNEL.texts["zh-CN"][key]) == parameters(KERNEL.texts["en"][key])


@pytest.mark.parametrize("module", [errors, clock_errors, workflow_errors, numbers])
def test_every_error_has_a_text(module: object) -> None:
    kinds = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, errors.LinliError)
    ]
    missing = {kind.code for kind in kinds if CATALOGUE.text(f"problems.{kind.code}") is None}
    assert kinds
    assert not missing


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_kernels_texts_are_sorted_by_section_and_key(locale: str) -> None:
    by_section: dict[str, list[str]] = {}
    for key in KERNEL.texts[locale]:
        section, _, last = key.rpartition(".")
        by_section.setdefault(section, []).append(last)
    assert list(by_section) == sorted(by_section)
    assert all(keys == sorted(keys) for keys in by_section.values())


def test_parameters_are_filled_by_name() -> None:
    catalogue = Catalogue([GREETING])
    assert catalogue.translate("hello", name="小明") == "你好，小明！"
    assert catalogue.translate("hello", "en", name="Ming", key="unused", locale="unused") == "Hello, Ming!"


def test_a_missing_parameter_shows_its_name() -> None:
    assert Catalogue([GREETING]).translate("hello", "en") == "Hello, {name}!"


def test_a_language_falls_back_to_chinese_then_english_then_the_key() -> None:
    catalogue = Catalogue([GREETING, source("b", en={"only.en": "English only"})])
    assert catalogue.translate("only.zh", "en") == "只有中文"
    assert catalogue.translate("only.en", "zh-CN") == "English only"
    assert catalogue.translate("only.en", "xx") == "English only"
    assert catalogue.translate("no.such.key", "en") == "no.such.key"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{name}}", "{name}"),
        ("{name.__class__}", "{name.__class__}"),
        ("{name[0]} {0} {} {name!r} {name:>99}", "{name[0]} {0} {} {name!r} {name:>99}"),
        ("100 % {", "100 % {"),
        ("{名}", "{名}"),
    ],
)
def test_only_plain_names_are_filled(text: str, shown: str) -> None:
    assert Catalogue([source("a", en={"k": text})]).translate("k", "en", name="x") == shown


@given(text=st.text(min_size=1), value=st.text())
def test_translating_never_fails(text: str, value: str) -> None:
    catalogue = Catalogue([source("a", en={"k": text})])
    assert isinstance(catalogue.translate("k", "en", name=value), str)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(5_000_000, "50,000.00"), (7, "0.07"), (-123_456, "-1,234.56"), (0, "0.00"), ("many", "many")],
)
def test_an_amount_in_fen_is_shown_in_yuan(value: object, shown: str) -> None:
    catalogue = Catalogue([TextSource("test", {"zh-CN": {"a": "剩 {left:yuan} 元"}})])
    assert catalogue.translate("a", left=value) == f"剩 {shown} 元"


def test_a_value_is_shown_by_its_word_in_the_readers_language() -> None:
    texts = {
        "zh-CN": {"a": "状态为{state:BallState}", "exports.values.BallState.flat": "没气"},
        "en": {"a": "It is {state:BallState}", "exports.values.BallState.flat": "flat"},
    }
    catalogue = Catalogue([TextSource("test", texts)])
    assert catalogue.translate("a", state="flat") == "状态为没气"
    assert catalogue.translate("a", "en", state="flat") == "It is flat"
    assert catalogue.translate("a", state="round") == "状态为round"
    assert catalogue.translate("a") == "状态为{state:BallState}"


def test_a_value_is_not_a_text_and_is_cut_when_long() -> None:
    catalogue = Catalogue([GREETING])
    assert catalogue.translate("hello", "en", name="{name}") == "Hello, {name}!"
    assert len(catalogue.translate("hello", "en", name="x" * 10_000_000)) < 250


def test_two_sources_with_one_key_collide_and_both_are_named() -> None:
    with pytest.raises(TextError, match=r"'hello' \(en\) is given by both 'a' and 'b'"):
        Catalogue([GREETING, source("b", en={"hello": "Hi"})])


def test_a_tenant_rewords_what_exists_and_nothing_else() -> None:
    catalogue = Catalogue([GREETING])
    reworded = catalogue.overridden_by(source("guiyang", zh_CN={"hello": "您好"}))
    assert reworded.translate("hello") == "您好"
    assert catalogue.translate("hello", name="小明") == "你好，小明！"
    with pytest.raises(TextError, match="'guiyang' rewords 'helo'"):
        catalogue.overridden_by(source("guiyang", zh_CN={"helo": "您好"}))


def test_nested_tables_are_flattened_by_dots(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('top = "1"\n[a.b]\nc = "2"\n', encoding="utf-8")
    (tmp_path / "notes.md").write_text("not a text", encoding="utf-8")
    texts = read_texts("p", tmp_path).texts
    assert texts == {"en": {"top": "1", "a.b.c": "2"}}
    assert read_texts("p", tmp_path / "none").texts == {}


@pytest.mark.parametrize(
    "content",
    [
        b"a = 1",
        b'a = ""',
        b'a = ["x"]',
        b'a = "x',
        '文 = "汉字"'.encode("gbk"),
        b'"a.b" = "1"\n[a]\nb = "2"',
        b'a.b.c.d.e.f.g.h.i = "deep"',
        b"#" * 1_000_001,
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "en.toml").write_bytes(content)
    with pytest.raises(TextError, match=r"plug: en\.toml"):
        read_texts("plug", tmp_path)


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "zh-CN"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("zh-TW,en;q=0.9", "zh-CN"),
        ("fr, de;q=0.5", "zh-CN"),
        ("fr, en;q=0.1", "en"),
        ("zh;q=0.3, en;q=0.8", "en"),
        ("en;q=0.5, zh;q=0.5", "en"),
        ("*", "zh-CN"),
        ("zh;q=0, *", "en"),
        ("en;q=0", "zh-CN"),
        ("zh;q=0", "zh-CN"),
        ("en ; q=0.9 , zh;q=0.1", "en"),
        ("en;q=2, zh;q=0.1", "zh-CN"),
        ("en;q=x", "zh-CN"),
        (";;;,,,=", "zh-CN"),
        ("fr," * 100_000 + "en", "zh-CN"),
    ],
)
def test_the_locale_follows_the_header(header: str, locale: str) -> None:
    assert negotiate(header) == locale


@given(st.text(alphabet="enzh-*,;=q01. \t", max_size=200))
def test_any_header_gives_a_known_locale(header: str) -> None:
    assert negotiate(header) in {"zh-CN", "en"}

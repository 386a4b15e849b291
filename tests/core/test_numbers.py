"""Numbers of people, organisations and divisions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.clock import FixedClock
from linli.errors import Invalid
from linli.identity.numbers import (
    InvalidDivisionCode,
    InvalidMobile,
    InvalidResidentId,
    InvalidUscc,
    check_division_code,
    check_mobile,
    check_resident_id,
    check_uscc,
)

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CLOCK = FixedClock(datetime(2026, 3, 2, 4, 0, tzinfo=UTC))
CHECKS = [check_uscc, check_resident_id, check_division_code, check_mobile]


def resident_id(region: str, birth: str, order: int) -> str:
    """Make a number by the weights printed in GB 11643, not by the code under test."""
    body = f"{region}{birth}{order:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def test_the_example_of_the_standard_is_accepted() -> None:
    assert check_resident_id("11010519491231002X") == "11010519491231002X"
    assert check_resident_id("440524188001010014", clock=FixedClock(datetime(1999, 7, 1, tzinfo=UTC)))


@given(
    region=st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    birth=st.dates(date(1900, 1, 1), date(2026, 3, 2)),
    order=st.integers(0, 999),
)
def test_any_region_is_accepted(region: str, birth: date, order: int) -> None:
    number = resident_id(region, birth.strftime("%Y%m%d"), order)
    assert check_resident_id(number, clock=CLOCK) == number


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_found(place: int, by: int) -> None:
    number = resident_id("441303", "19900101", 123)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(InvalidResidentId):
        check_resident_id(wrong, clock=CLOCK)


@pytest.mark.parametrize("birth", ["19900230", "19901301", "20260303", "18950101", "00000101", "19900100"])
def test_an_implausible_birth_date_is_refused(birth: str) -> None:
    with pytest.raises(InvalidResidentId) as refusal:
        check_resident_id(resident_id("330213", birth, 1), clock=CLOCK)
    assert refusal.value.details == {"reason": "birth_date"}


def test_a_child_born_today_by_local_time_is_accepted() -> None:
    late = FixedClock(datetime(2026, 3, 2, 16, 30, tzinfo=UTC))  # already the 3rd in Shanghai
    assert check_resident_id(resident_id("330213", "20260303", 1), clock=late)


def test_what_people_type_around_a_number_is_forgiven() -> None:
    assert check_resident_id(" 110105 19491231 002x ") == "11010519491231002X"
    assert check_resident_id("１１０１０５１９４９１２３１００２ｘ") == "11010519491231002X"
    assert check_uscc("91110000-600037341l") == "91110000600037341L"
    assert check_mobile("+86 138-0013-8000") == "13800138000"
    assert check_division_code("441303 001 001") == "441303001001"


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_a_credit_code_is_accepted(code: str) -> None:
    assert check_uscc(code) == code


def test_a_credit_code_may_begin_with_letters() -> None:
    body = "N2330213MF1234567"
    accepted = [c for c in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_accepted(body + c)]
    assert len(accepted) == 1


def is_accepted(code: str) -> bool:
    try:
        check_uscc(code)
    except InvalidUscc:
        return False
    return True


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91110000600037341M", "check_digit"),
        ("91110000600037342L", "check_digit"),
        ("9111000060003734IL", "format"),  # the letter I is not used
        ("9111000A600037341L", "format"),
        ("91110000600037341", "format"),
    ],
)
def test_a_wrong_credit_code_is_refused(code: str, reason: str) -> None:
    with pytest.raises(InvalidUscc) as refusal:
        check_uscc(code)
    assert refusal.value.details == {"reason": reason}


@pytest.mark.parametrize("code", ["110000000000", "441303000000", "441900003000", "659001100498"])
def test_a_division_code_is_accepted(code: str) -> None:
    assert check_division_code(code) == code


@pytest.mark.parametrize("code", ["441303", "441303000001", "041303001001", "4413030010011", "44130300100A"])
def test_a_wrong_division_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidDivisionCode):
        check_division_code(code)


@pytest.mark.parametrize("number", ["13800138000", "8613800138000", "008613800138000", "19912345678"])
def test_a_mobile_number_is_given_in_eleven_digits(number: str) -> None:
    assert check_mobile(number) == number[-11:]


@pytest.mark.parametrize(
    "number", ["12345678901", "1380013800", "+8513800138000", "075512345678", "+85291234567"]
)
def test_a_wrong_mobile_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidMobile):
        check_mobile(number)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("text", ["", " ", "😀" * 18, "①" * 12, "٣" * 18, "1" * 10_000_000, "\x00", "\ud800"])
def test_strange_text_is_refused_and_not_repeated(check: object, text: str) -> None:
    assert callable(check)
    with pytest.raises(Invalid) as refusal:
        check(text)
    assert refusal.value.code.startswith("numbers.")
    assert set(refusal.value.details) == {"reason"}


@given(st.text(max_size=30))
def test_any_text_is_either_refused_or_given_in_a_form_that_is_stable(text: str) -> None:
    for check in CHECKS:
        try:
            number = check(text)
        except Invalid:
            continue
        assert check(number) == number


def test_someone_too_old_to_live_is_refused() -> None:
    later = FixedClock(CLOCK.now() + timedelta(days=365 * 100))
    number = resident_id("441303", "19900101", 123)
    assert check_resident_id(number, clock=CLOCK) == number
    with pytest.raises(InvalidResidentId):
        check_resident_id(number, clock=later)

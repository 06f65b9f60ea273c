"""How bad it is: the scale as it comes, and the words people find a level by."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.shared.errors import Refused
from bot.domain.shared.severity import DEFAULT_SCALE, SeverityKey, SeverityScale
from tests.builders import DECLARER, SEV1, SEV2, SEV3, TERMS, after, an_incident
from tests.domain.refusing import check_fit, refused


def test_the_scale_as_it_comes() -> None:
    scale = [(level.key, level.cadence, level.working_hours, level.major) for level in DEFAULT_SCALE]

    assert scale == [
        ("SEV1", timedelta(minutes=30), False, True),
        ("SEV2", timedelta(hours=1), False, True),
        ("SEV3", timedelta(hours=4), True, False),
        ("SEV4", timedelta(days=1), True, False),
        ("SEV5", None, True, False),
    ]


@pytest.mark.parametrize("typed", ["SEV2", "sev2", "sev 2", "Sev-2", "2", " 2 ", "sev_2"])
def test_people_type_a_level_in_many_ways(typed: str) -> None:
    assert DEFAULT_SCALE.find(typed) == SEV2


@pytest.mark.parametrize("typed", ["", "0", "6", "sev", "critical", "²", "x" * 5000, "<!channel>"])
def test_what_names_no_level_is_answered_with_those_there_are(typed: str) -> None:
    with refused("Choose one of SEV1, SEV2, SEV3, SEV4, SEV5", field="severity"):
        DEFAULT_SCALE.find(typed)


def _scale(*keys: str) -> SeverityScale:
    return SeverityScale(tuple(replace(SEV1, key=SeverityKey(key)) for key in keys))


@pytest.mark.parametrize(
    ("keys", "typed", "meant"),
    [
        (("SEV0", "SEV1"), "1", "SEV1"),
        (("SEV0", "SEV1"), "sev1", "SEV1"),
        (("SEV0", "SEV1"), "0", "SEV0"),
        (("P1", "P2"), "p2", "P2"),
        (("P1", "P2"), "2", "P2"),
        (("critical", "minor"), "CRITICAL", "critical"),
        (("critical", "minor"), "sev2", "minor"),
    ],
)
def test_a_scale_of_ones_own_is_found_by_name_before_place(
    keys: tuple[str, ...], typed: str, meant: str
) -> None:
    assert _scale(*keys).find(typed).key == meant


@given(st.text(max_size=60))
def test_any_text_names_a_level_or_is_refused(typed: str) -> None:
    try:
        found = DEFAULT_SCALE.find(typed)
    except Refused as no:
        check_fit(no)
    else:
        assert found in DEFAULT_SCALE


def test_a_level_that_the_settings_dropped_reads_as_minor() -> None:
    level = DEFAULT_SCALE.get("SEV9")

    assert (level.major, level.cadence, level.key) == (False, None, "SEV9")


def test_each_level_has_its_test_in_words() -> None:
    assert SEV3.test == "Performance problems, late data; users affected: some"


def test_a_severity_is_changed_with_its_reason_and_not_to_itself() -> None:
    incident = an_incident(severity=SEV3)

    incident.rate(SEV1, by=DECLARER, at=after(1), terms=TERMS, reason="Customers see it")

    assert incident.state.severity == "SEV1"
    with refused("It is already SEV1", field="severity"):
        incident.rate(SEV1, by=DECLARER, at=after(2), terms=TERMS)

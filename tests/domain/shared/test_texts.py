"""Free text: kept as it was meant, without what cannot be seen, and never in a fact."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.shared.errors import Refused
from bot.domain.shared.texts import (
    BODY_MAX,
    QUOTED_MAX,
    TITLE_MAX,
    one_line,
    optional_paragraph,
    paragraph,
    quoted,
)
from tests.builders import DECLARER, NOON, an_incident
from tests.domain.refusing import check_fit, refused

HOSTILE = [
    "<!channel> look",
    "<@U0ADMIN> did it",
    "<https://evil.example.com|finance>",
    "*bold* _it_ ~no~ `code` ```block```",
    "\u202egnp.exe\u202c",
    "z\u200be\u200cr\u2060o\ufeff",
    "a\x00b\x07c\x1b[31m",
    "bidi \u2066isolate\u2069",
    "👩\u200d💻 works",
    "ünïcödé 日本語 العربية",
    "&amp; & &lt;",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_keeps_its_words_and_loses_what_cannot_be_seen(typed: str) -> None:
    kept = one_line(typed, field="title", name="The title")

    hidden = {c for c in kept if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}}
    assert hidden <= {"\u200d"}
    assert [c for c in kept if c.isalnum()] == [c for c in typed if c.isalnum()]


@pytest.mark.parametrize(
    "typed", ["", " ", "\n\n", "\u200b\u200b", "\u200d", "\u3164", "\u2800 \u2800", "\ufe0f", "\u202e\u202c"]
)
def test_text_that_shows_nothing_is_empty(typed: str) -> None:
    with refused("The title is empty", field="title"):
        one_line(typed, field="title", name="The title")
    assert optional_paragraph(typed.strip("\u3164\u2800\ufe0f\u200d"), field="summary", name="It") is None


@pytest.mark.parametrize(("length", "fits"), [(TITLE_MAX, True), (TITLE_MAX + 1, False), (40_000, False)])
def test_a_title_fits_in_a_header(length: int, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    if fits:
        assert len(one_line("x" * length, field="title", name="The title")) == length
        return

    with refused(f"The title has {length} characters; 150 fit", field="title"):
        one_line("x" * length, field="title", name="The title")


def test_a_paragraph_keeps_its_lines_and_a_title_becomes_one() -> None:
    assert paragraph(" a \r\n  b  \n\n c ", field="f", name="It") == "a\n  b\n\n c"
    assert one_line(" a \r\n  b  \n\n c ", field="f", name="It") == "a b c"


@given(st.text(max_size=400))
def test_any_text_is_kept_clean_or_refused(typed: str) -> None:
    try:
        kept = paragraph(typed, field="f", name="The note")
    except Refused as no:
        check_fit(no)
        return

    assert 0 < len(kept) <= BODY_MAX
    assert paragraph(kept, field="f", name="The note") == kept


@given(st.text(max_size=400))
def test_what_is_said_back_is_short_and_on_one_line(typed: str) -> None:
    said = quoted(typed)

    assert len(said) <= QUOTED_MAX
    assert len(said.splitlines()) <= 1


@pytest.mark.parametrize("typed", HOSTILE)
def test_facts_hold_no_words(typed: str) -> None:
    incident = an_incident(title=typed, summary=typed, affected=typed)

    incident.note(typed, by=DECLARER, at=NOON)

    said = {text.body for text in incident.new_texts}
    assert len(incident.new_texts) == 4
    assert not any(words and words in repr(fact) for fact in incident.new_facts for words in said)


def test_a_text_that_was_erased_is_shown_as_such() -> None:
    incident = an_incident()

    incident.texts[incident.state.title] = None

    assert incident.title == "(erased)"
    assert incident.text(None) is None

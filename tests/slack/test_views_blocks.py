"""What makes people's words safe to show, and cuts them without breaking them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks import clip, date, escape, host, link, listed, person, plain, settle, size, unmarked
from tests.builders import NOON

HOSTILE = st.text(alphabet=st.sampled_from("<>&!@#|;ampltg U1here:/*`\n\u202e\u200b😀"), max_size=80)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U0SOMEBODY>", "&lt;@U0SOMEBODY&gt;"),
        ("<https://evil.example|click>", "&lt;https://evil.example|click&gt;"),
        ("a & b < c", "a &amp; b &lt; c"),
        ("@here now", "@\u2060here now"),
        ("@Channel", "@\u2060Channel"),
        ("someone@hereford.example", "someone@hereford.example"),
        ("\u202etxet\x07", "txet"),
    ],
)
def test_words_of_people_mention_link_and_call_nobody(words: str, shown: str) -> None:
    escaped = escape(words)

    assert escaped == shown


@given(HOSTILE)
def test_escaped_words_hold_no_token_whatever_was_written(words: str) -> None:
    escaped = escape(words)

    assert "<" not in escaped
    assert ">" not in escaped
    assert "@here" not in escaped.casefold()


@given(HOSTILE, st.integers(min_value=1, max_value=60))
def test_clipping_keeps_entities_and_tokens_whole(words: str, longest: int) -> None:
    text = f"<@U0SOMEBODY> {escape(words)}"

    cut = clip(text, longest)

    assert size(cut) <= longest
    assert cut == text or cut.endswith("…")
    kept = cut.removesuffix("…")
    assert kept.count("<") == kept.count(">")
    assert kept.count("&") == sum(kept.count(entity) for entity in ("&amp;", "&lt;", "&gt;"))


def test_an_emoji_counts_as_the_two_units_it_takes() -> None:
    text = "😀" * 10

    cut = clip(text, 10)

    assert cut == "😀😀😀😀…"


def test_a_sentence_of_ours_keeps_its_mentions_and_nothing_else() -> None:
    sentence = "<@U0ONE> moved it in <#C0ROOM>, see <https://docs.example>: <!channel> & <b> &amp; done"

    shown = settle(sentence)

    assert shown == (
        "<@U0ONE> moved it in <#C0ROOM>, see <https://docs.example>: "
        "&lt;!channel&gt; &amp; &lt;b&gt; &amp; done"
    )


@given(HOSTILE)
def test_settling_twice_is_settling_once(words: str) -> None:
    once = settle(words)

    assert settle(once) == once


def test_plain_text_shows_ampersands_and_defuses_tokens() -> None:
    words = "a & b > c <!channel> <@U0ONE> @everyone"

    shown = plain(words)

    assert shown == "a & b > c \u2039!channel> \u2039@U0ONE> @\u2060everyone"


def test_an_error_names_nobody_by_id_and_shows_no_stars() -> None:
    sentence = "<@U0ONE> is commander now in <#C0ROOM>. Press *Take it* again."

    shown = unmarked(sentence)

    assert shown == "That person is commander now in its channel. Press Take it again."


def test_a_time_is_shown_in_each_readers_zone() -> None:
    shown = date(NOON)

    assert shown == "<!date^1795176000^{date_short_pretty} {time}|2026-11-20 12:00 UTC>"


def test_what_is_no_user_id_mentions_nobody() -> None:
    shown = person("U1> <!channel")

    assert shown == "U1&gt; &lt;!channel"


def test_a_link_whose_address_is_no_web_address_is_words_alone() -> None:
    shown = [link("https://docs.example/a?b&c", "a|b"), link("javascript:alert(1)", "a<b")]

    assert shown == ["<https://docs.example/a?b&amp;c|a/b>", "a&lt;b"]


def test_a_list_that_does_not_fit_says_how_many_more_there_are() -> None:
    items = [f"item {number}" for number in range(100)]

    shown = listed(items, 60)

    assert size(shown) <= 60
    assert shown.endswith("more")
    assert len(shown.splitlines()) - 1 + int(shown.split()[-2]) == 100


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://wiki.example.com/pm/1", "wiki.example.com"),
        ("https://wiki.example.com@evil.example/", "evil.example"),
        ("https://evil.example:8443/#@wiki.example.com", "evil.example"),
        ("https://w\u0456ki.example.com/", "xn--wki-jhd.example.com"),
        ("https://[bad", "an unreadable address"),
    ],
)
def test_the_host_of_an_address_is_where_it_really_leads(address: str, shown: str) -> None:
    assert host(address) == shown

"""Slack's markup and Markdown as HTML: Slack's rules, and nothing in it that we did not make."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.page.emoji import OFTEN, emoji
from bot.sandbox.page.mrkdwn import mrkdwn, plain
from tests.sandbox.page.markup import NOON, look, read

LOOK = look()
STAMP = int(NOON.timestamp())


def link(url: str, label: str) -> str:
    return f'<a href="{url}" target="_blank" rel="noopener noreferrer" class="link">{label}</a>'


def bare(url: str) -> str:
    return link(url, url)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _italic_ ~struck~", "<b>bold</b> <i>italic</i> <s>struck</s>"),
        ("2*3*4", "2*3*4"),
        ("snake_case_name", "snake_case_name"),
        ("* not bold *", "* not bold *"),
        ("a * b * c", "a * b * c"),
        ("(*c*), *d*.", "(<b>c</b>), <b>d</b>."),
        ("*_both_* _*both*_", "<b><i>both</i></b> <i><b>both</b></i>"),
        ("**two stars**", "**two stars**"),
        ("*never\nclosed*", "*never<br>closed*"),
        ("*one", "*one"),
        ("`*not bold*` *bold*", "<code>*not bold*</code> <b>bold</b>"),
        ("*`code`*", "<b><code>code</code></b>"),
        ("a\n\nb", "a<br><br>b"),
        ("&lt;b&gt; &amp;amp; &quot;", "&lt;b&gt; &amp;amp; &amp;quot;"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_styles_follow_slacks_rules_about_words(text: str, html: str) -> None:
    assert mrkdwn(text, LOOK) == html


def test_code_is_kept_as_it_is_written_but_for_its_links() -> None:
    drawn = mrkdwn("before\n```\nif a *b* c:\n    <https://a.example|here>\n```\nafter", LOOK)

    code = f"if a *b* c:\n    {link('https://a.example', 'here')}"
    assert drawn == f'before<pre class="preformatted">{code}</pre>after'


def test_lines_that_begin_with_a_bracket_are_quoted_together() -> None:
    drawn = mrkdwn("she said\n&gt; first\n&gt; second\nand left", LOOK)

    assert drawn == "she said<blockquote>first<br>second</blockquote>and left"


def test_three_brackets_quote_all_that_follows() -> None:
    assert mrkdwn("so:\n>>> a\nb", LOOK) == "so:<blockquote>a<br>b</blockquote>"


def test_lines_with_bullets_stand_by_themselves() -> None:
    drawn = mrkdwn("two:\n• one\n• two\nend", LOOK)

    assert drawn == 'two:<span class="bullet">• one</span><span class="bullet">• two</span>end'


def test_a_mention_of_the_viewer_stands_out() -> None:
    ada, grace = LOOK.viewer, LOOK.workspace.person("grace").id

    page = read(mrkdwn(f"<@{ada}> and <@{grace}> and <@UNOBODY|somebody>", LOOK))

    assert [(each["class"], each.text) for each in page.all("span")] == [
        ("mention me", "@ada"), ("mention", "@grace"), ("mention", "@somebody"),
    ]  # fmt: skip


def test_a_channel_is_a_link_and_a_private_one_of_others_keeps_its_name() -> None:
    look_ = look()
    secret = look_.workspace.add_channel("secret-plan", private=True)
    general = look_.workspace.channel("general").id

    drawn = mrkdwn(f"<#{general}> <#{secret.id}|secret-plan>", look_)

    assert f'<a class="channel" href="/?in={general}" data-channel="{general}">#general</a>' in drawn
    assert "secret" not in drawn


def test_everybody_and_groups_are_named() -> None:
    page = read(mrkdwn("<!here> <!channel> <!subteam^S1|@data> <!unheard|of>", LOOK))

    assert [each.text for each in page.all("span")] == ["@here", "@channel", "@data", "of"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<https://a.example|the *page*>", link("https://a.example", "the *page*")),
        ("*<https://a.example|page>*", f"<b>{link('https://a.example', 'page')}</b>"),
        ("<mailto:a@b.example|mail>", link("mailto:a@b.example", "mail")),
        ("<https://a.example/?a=1&amp;b=2>", bare("https://a.example/?a=1&amp;b=2")),
        ("see https://a.example/x_y_z).", f"see {bare('https://a.example/x_y_z')})."),
        ("(https://a.example/x_(y))", f"({bare('https://a.example/x_(y)')})"),
        ("&lt;https://a.example&gt;", f"&lt;{bare('https://a.example')}&gt;"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<data:text/html,x|x>", "&lt;data:text/html,x|x&gt;"),
        ("<https:javascript|x>", "&lt;https:javascript|x&gt;"),
    ],
)  # fmt: skip
def test_links_go_to_web_pages_and_mail_alone(text: str, html: str) -> None:
    assert mrkdwn(text, LOOK) == html


def test_verbatim_text_makes_no_links_of_addresses() -> None:
    assert mrkdwn("https://a.example", LOOK, verbatim=True) == "https://a.example"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("{date}", "March 4th, 2026"),
        ("{date_short}", "Mar 4, 2026"),
        ("{date_long}", "Wednesday, March 4th, 2026"),
        ("{date_pretty}", "Today"),
        ("on {date_short_pretty} at {time}", "On today at 12:00"),
        ("{date_long_pretty}, {time}", "Today, 12:00"),
    ],
)
def test_the_date_tokens_in_use_are_known(form: str, words: str) -> None:
    page = read(mrkdwn(f"<!date^{STAMP}^{form}|fallback>", LOOK))

    assert page.one("time").text == words


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"])
def test_a_date_is_told_in_the_zone_of_its_reader(zone: str) -> None:
    there = look(zone=zone)

    page = read(mrkdwn(f"<!date^{STAMP}^{{date_short}} {{time}}|fallback>", there))

    local = NOON.astimezone(there.zone)
    assert page.text.startswith(f"{local:%b} {local.day}, {local.year}")
    assert page.one("time")["datetime"] == local.isoformat()


@pytest.mark.parametrize(
    "inside", ["!date^x^{time}", "!date^99999999999999999^{time}", f"!date^{STAMP}^{{hour}}"]
)
def test_a_date_that_cannot_be_told_shows_its_fallback(inside: str) -> None:
    assert read(mrkdwn(f"<{inside}|about noon>", LOOK)).text == "about noon"


def test_a_date_may_be_a_link() -> None:
    page = read(mrkdwn(f"<!date^{STAMP}^{{time}}^https://a.example|noon>", LOOK))

    assert page.one("a")["href"] == "https://a.example"
    assert page.one("a").one("time").text == "12:00"


def test_emoji_are_drawn_and_say_their_name() -> None:
    page = read(mrkdwn(":tada: :+1::skin-tone-3: :flag-fr: :no_such_thing: 10:30:45", LOOK))

    assert [(each.text, each["aria-label"]) for each in page.all("span")] == [
        ("🎉", "tada"), ("👍🏼", "+1"), ("🇫🇷", "flag-fr"),
    ]  # fmt: skip
    assert page.text.endswith(":no_such_thing: 10:30:45")


def test_every_emoji_the_bot_and_the_page_use_is_known() -> None:
    used = [
        "white_check_mark",
        "pushpin",
        "spiral_note_pad",
        "red_circle",
        "raised_hand",
        "hourglass_flowing_sand",
        "handshake",
        "warning",
        "twisted_rightwards_arrows",
        "memo",
        "mag",
        "large_yellow_circle",
        "large_orange_circle",
        "large_green_circle",
        "large_blue_circle",
        "heavy_minus_sign",
        "compass",
    ]

    assert [each for each in (*used, *OFTEN) if emoji(each) is None] == []


def test_plain_text_has_emoji_and_no_styles() -> None:
    page = read(plain("*Hi* <@U1> :wave: &amp;"))

    assert page.text == "*Hi* <@U1> 👋 &amp;"


NASTY = st.lists(
    st.one_of(
        st.text(max_size=6),
        st.sampled_from(
            [
                *"*_~`<>|@#!&^:;\"'=/\\(){}[]\n -•", "```", "&lt;", "&gt;", "&amp;",
                "<@", "<#C", "<!date^1^{time}",
                "<!subteam^", "https://", "javascript:", "data:text/html,", "mailto:",
                "vbscript:", "JaVaScRiPt:",
                "<script>", "onload=", "style=", "<img src=x onerror=alert(1)>", "-->", "<![CDATA[", ":tada:",
                "\U000f0000", "\U000f0001", "\x00", "&#x6a;avascript:", "](", "![", "|a|\n|:-:|\n",
                "~~~", "> ",
                f"<@{LOOK.viewer}>", "^https://x", "|x>",
            ]
        ),
    ),
    max_size=24,
).map("".join)  # fmt: skip


@given(NASTY)
def test_whatever_is_written_makes_no_html_of_its_own(text: str) -> None:
    for drawn in (mrkdwn(text, LOOK), plain(text)):
        read(drawn)


@given(
    st.text(
        st.characters(exclude_characters="*_~`<>&:•-\n\r\0", exclude_categories=["Cs", "Co"]), max_size=60
    )
)
def test_words_without_marks_stay_the_words_they_are(text: str) -> None:
    assert unescape(str(mrkdwn(f"x{text}", LOOK))) == f"x{text}"


def test_long_and_deeply_marked_text_is_drawn_at_all() -> None:
    hostile = [
        "*" * 20_000,
        "*a " * 10_000,
        "_*~" * 10_000,
        "<" * 20_000,
        "`" * 20_001,
        ">" * 20_000,
        "[" * 5_000,
    ]

    for each in hostile:
        read(mrkdwn(each, LOOK))

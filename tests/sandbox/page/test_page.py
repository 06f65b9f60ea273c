"""The page shows a workspace as each of its people sees it."""

from bot.sandbox import Sandbox
from tests.sandbox.kit import Bot
from tests.sandbox.page.browser import Browser, words


async def test_a_channel_shows_who_said_what_and_hides_what_markup_would_do(
    slack: Sandbox, browser: Browser
) -> None:
    await slack.person("ada").say("general", "<script>alert(1)</script> & *bold* for @grace")

    html = await browser.open(**{"as": "grace", "in": "general"})

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html
    assert "Ada Example" in html
    assert "@grace" in words(html)


async def test_the_page_allows_no_script_but_its_own(browser: Browser) -> None:
    async with browser.session.get(browser.url) as response:
        policy = response.headers["Content-Security-Policy"]
        html = await response.text()

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style=" not in html
    assert "onclick" not in html
    assert "<script>" not in html


async def test_a_private_channel_is_not_there_for_those_outside(slack: Sandbox, browser: Browser) -> None:
    room = await slack.person("ada").create_channel("secret-plans", private=True)
    await slack.person("ada").say(room, "the plan")

    inside = await browser.open(**{"as": "ada", "in": room.id})
    outside = await browser.open(**{"as": "grace", "in": room.id})

    assert "the plan" in inside
    assert "secret-plans" not in outside
    assert "the plan" not in outside


async def test_messages_of_one_person_in_a_row_stand_under_one_name(slack: Sandbox, browser: Browser) -> None:
    await slack.person("ada").say("general", "first")
    await slack.person("ada").say("general", "second")
    await slack.person("grace").say("general", "third")

    html = await browser.open(**{"as": "linus", "in": "general"})

    assert html.count('class="row continued') == 1
    assert html.count("Today") >= 1


async def test_a_thread_shows_beside_its_channel_and_its_root_counts_the_replies(
    slack: Sandbox, browser: Browser
) -> None:
    root = await slack.person("ada").say("general", "the load ran twice")
    await slack.person("grace").say("general", "since Friday?", thread=root)

    closed = await browser.open(**{"as": "ada", "in": "general"})
    opened = await browser.open(**{"as": "ada", "in": "general", "thread": root.ts})

    assert "1 reply" in words(closed)
    assert "since Friday?" not in closed
    assert "since Friday?" in opened


async def test_a_deleted_root_leaves_a_stone_only_while_it_has_replies(
    slack: Sandbox, browser: Browser
) -> None:
    ada = slack.person("ada")
    alone, root = await ada.say("general", "alone"), await ada.say("general", "root")
    await ada.say("general", "reply", thread=root)

    await ada.delete(alone)
    await ada.delete(root)

    html = await browser.open(**{"as": "ada", "in": "general"})
    assert html.count("This message was deleted.") == 1


async def test_an_ephemeral_message_is_marked_and_shown_to_one(
    slack: Sandbox, browser: Browser, bot: Bot
) -> None:
    await bot.client.conversations_join(channel=slack.workspace.channel("general").id)
    await bot.client.chat_postEphemeral(
        channel=slack.workspace.channel("general").id, user=slack.person("ada").id, text="for you"
    )

    mine = await browser.open(**{"as": "ada", "in": "general"})
    theirs = await browser.open(**{"as": "grace", "in": "general"})

    assert "Only visible to you" in mine
    assert "for you" in mine
    assert "for you" not in theirs


async def test_a_long_channel_opens_at_its_end_and_goes_back_in_steps(
    slack: Sandbox, browser: Browser
) -> None:
    ada = slack.person("ada")
    said = [await ada.say("general", f"message {number}.") for number in range(350)]

    html = await browser.open(**{"as": "ada", "in": "general"})
    older = await browser.get("/page/older", **{"as": "ada", "in": "general", "before": said[250].ts})
    oldest = await browser.get("/page/older", **{"as": "ada", "in": "general", "before": said[50].ts})

    assert html.count('data-test="message"') == 100
    assert "message 250." in html
    assert "message 249." not in html
    assert 'data-more="yes"' in older
    assert "message 150." in older
    assert "message 249." in older
    assert 'data-more=""' in oldest
    assert oldest.count('data-test="message"') == 50


async def test_a_link_to_an_old_message_opens_the_channel_around_it(slack: Sandbox, browser: Browser) -> None:
    ada = slack.person("ada")
    said = [await ada.say("general", f"message {number}.") for number in range(350)]

    html = await browser.open(**{"as": "ada", "in": "general", "at": said[100].ts})

    assert "message 100." in html
    assert "message 349." not in html
    assert 'data-later="yes"' in html


async def test_times_are_those_of_the_reader(slack: Sandbox, browser: Browser) -> None:
    await slack.person("ada").say("general", "now")

    london = await browser.open(**{"as": "ada", "in": "general"})
    new_york = await browser.open(**{"as": "grace", "in": "general"})

    assert "(Europe/London)" in london
    assert "(America/New_York)" in new_york


async def test_the_topic_pins_and_bookmarks_stand_above_the_messages(
    slack: Sandbox, browser: Browser, bot: Bot
) -> None:
    ada = slack.person("ada")
    await ada.set_topic("general", "All hands, see #incidents")
    await ada.pin(await ada.say("general", "read this first"))
    room = slack.workspace.channel("general")
    await bot.client.conversations_join(channel=room.id)
    await bot.client.bookmarks_add(
        channel_id=room.id, title="The card", type="link", link="https://example.com/card"
    )

    html = await browser.open(**{"as": "grace", "in": "general"})

    assert "All hands, see #incidents" in words(html)
    assert "1 pinned" in words(html)
    assert 'href="https://example.com/card"' in html


async def test_what_is_unread_is_marked_until_it_is_read(slack: Sandbox, browser: Browser) -> None:
    await slack.person("ada").say("incidents", "hello @grace")

    before = await browser.open(**{"as": "grace", "in": "general"})
    await browser.does("grace", "read", room="incidents")
    after = await browser.open(**{"as": "grace", "in": "general"})

    assert 'aria-label="Act as Grace Example, 1 mentions"' in before
    assert 'aria-label="Act as Grace Example"' in after


async def test_a_message_marked_unread_is_unread_again(slack: Sandbox, browser: Browser) -> None:
    grace = slack.person("grace")
    said = [await slack.person("ada").say("general", words) for words in ("one", "two", "three")]
    await browser.does("grace", "read", room="general")
    assert grace.unread("general").count == 0

    await browser.does("grace", "unread", room="general", where=f"m/{said[1].channel}/{said[1].ts}")

    assert grace.unread("general").count == 2


async def test_suggestions_fit_what_is_typed(slack: Sandbox, browser: Browser) -> None:
    scene = {"as": "ada", "in": "general"}

    command = await browser.get("/page/complete", q="/inc", **scene)
    person = await browser.get("/page/complete", q="ask @gr", **scene)
    channel = await browser.get("/page/complete", q="see #inci", **scene)
    nothing = await browser.get("/page/complete", q="just words", **scene)

    assert '"/incident "' in command
    assert '"@grace "' in person
    assert '"#incidents "' in channel
    assert '"offers": []' in nothing


async def test_the_words_after_a_command_are_the_apps_and_are_not_completed(
    slack: Sandbox, browser: Browser
) -> None:
    for typed in ("/incident ", "/incident dec"):
        told = await browser.get("/page/complete", q=typed, **{"as": "ada", "in": "general"})

        assert '"offers": []' in told
    assert not slack.journal.deliveries

"""Hostile words stay words: in messages, titles, modals, home, the panel, and in what the bot sends."""

from collections.abc import Awaitable, Callable

from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from tests.browser.house import House
from tests.browser.window import Window

Looks = Callable[..., Awaitable[Window]]
SCRIPT = "<script>window.broken=1</script>"
PICTURE = '<img src=x onerror="window.broken=1">'
ATTRIBUTE = '" onmouseover="window.broken=1" x="'
TURNED = "safe \u202egnp.exe"
WORDS = (SCRIPT, PICTURE, ATTRIBUTE, TURNED)
LINK = "javascript:window.broken=1"
BAD = """() => [
  ...[...document.querySelectorAll('a[href], form[action], [formaction]')]
     .map((each) => ['href', 'action', 'formaction'].map((name) => each.getAttribute(name)).join(''))
     .filter((each) => /^\\s*(javascript|data|vbscript):/i.test(each)),
  ...[...document.querySelectorAll('script:not([src^="/page/static/"]), img, iframe, object, embed')]
     .map((each) => each.outerHTML),
  ...[...document.querySelectorAll('*')].flatMap((each) => [...each.attributes])
     .filter((each) => each.name.startsWith('on')).map((each) => `${each.name}=${each.value}`),
  ...(window.broken ? ['a script ran'] : []),
]"""


async def assert_inert(window: Window) -> None:
    """Hover everything of the channel, and find nothing in the page that could run or lead to a script."""
    for row in await window.page.locator("#rows > li.row").all():
        await row.hover()
    assert await window.page.evaluate(BAD) == []


async def test_what_people_write_stays_text(here: House, looks: Looks) -> None:
    ada = await looks()

    for words in WORDS:
        await ada.says(words)
        await expect(ada.row(words)).to_be_visible()
    await ada.says(f"<{LINK}|click me> and [here]({LINK}) and {LINK}")
    await ada.hovers(ada.row(SCRIPT), "Reply in thread")
    await ada.at("thread-input").fill(PICTURE)
    await ada.at("thread-input").press("Enter")
    await expect(ada.at("thread-messages")).to_contain_text(PICTURE)
    await ada.chooses(ada.row(PICTURE), "Edit message")
    await expect(ada.at("edit-input")).to_have_value(PICTURE)
    await ada.at("edit-input").press("Escape")
    await ada.at("topic").click()
    await ada.page.locator("#topic-words").fill(SCRIPT + ATTRIBUTE)
    await ada.page.get_by_role("button", name="Save", exact=True).click()

    await expect(ada.at("topic")).to_have_text(SCRIPT + ATTRIBUTE)
    await assert_inert(ada)
    await here.world.settle()


async def test_a_hostile_title_stays_text_wherever_an_incident_is_shown(here: House, looks: Looks) -> None:
    title = SCRIPT + PICTURE
    room = await here.world.declare(title=title, summary=PICTURE, affected=ATTRIBUTE)
    ada = await looks("ada", room)

    await expect(ada.card).to_contain_text(title)
    await expect(ada.at("topic")).to_contain_text(title)
    await ada.at("panel-toggle").click()
    await expect(ada.at("traffic")).to_be_visible()
    await ada.card.get_by_role("button", name="Post CAN update").click()
    await expect(ada.modal.get_by_label("Conditions: what is happening?")).to_have_value(PICTURE)
    assert await ada.page.evaluate(BAD) == []
    await ada.modal.get_by_test_id("modal-close").click()
    await assert_inert(ada)
    await ada.at("place-app").click()
    await ada.at("tab-home").click()
    await expect(ada.at("home")).to_contain_text(title)

    assert await ada.page.evaluate(BAD) == []


async def test_what_the_bot_sends_is_drawn_as_text_too(here: House, looks: Looks) -> None:
    room = await here.world.declare()
    ada = await looks("ada", room)
    client = AsyncWebClient(token=here.slack.bot_token, base_url=here.slack.api_url, retry_handlers=[])
    text = f"{SCRIPT}{ATTRIBUTE} <{LINK}|click me> <https://a.example/{ATTRIBUTE}|x> :{SCRIPT}: `{PICTURE}`"
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": PICTURE}},
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]},
        {"type": "image", "image_url": "https://example.com/x.png", "alt_text": ATTRIBUTE},
        {"type": "actions", "elements": [{
            "type": "button", "action_id": ATTRIBUTE, "value": SCRIPT,
            "text": {"type": "plain_text", "text": SCRIPT},
            "confirm": {"title": {"type": "plain_text", "text": PICTURE},
                        "text": {"type": "plain_text", "text": SCRIPT},
                        "confirm": {"type": "plain_text", "text": "Yes"},
                        "deny": {"type": "plain_text", "text": "No"}},
        }]},
    ]  # fmt: skip

    await client.chat_postMessage(channel=here.world.channel(room).id, text=text, blocks=blocks)
    shown = ada.row("click me")
    await expect(shown.get_by_role("heading").first).to_have_text(PICTURE)
    await shown.get_by_role("button", name=SCRIPT).click()

    await expect(ada.page.locator("#confirm-text")).to_have_text(SCRIPT)
    await ada.page.locator("#confirm-no").click()
    await assert_inert(ada)

"""What an incident is called and what is known of it can be put right, and every place follows."""

from tests.world import World

NAME = "Refunds are counted twice"


async def test_renamed_by_word_every_place_follows_and_the_channel_keeps_its_name(here: World) -> None:
    room = await here.declare()

    await here.types("ada", f"rename {NAME}", channel=room)

    assert here.said(room) == [f"INC-1 · SEV2 · {NAME} · investigating", f"@ada renamed it: {NAME}"]
    assert here.channel(room).topic["value"].startswith(f"SEV2 · investigating · {NAME} · ")
    assert here.said("incidents") == [f"INC-1 · SEV2 · {NAME} · investigating"]
    assert NAME in (await here.types("grace", "list")).text or NAME in here.told("grace", "general")[-1]
    assert room == "inc-1-revenue-is-wrong"


async def test_rename_alone_and_edit_open_the_form_with_how_it_reads_now(here: World) -> None:
    room = await here.declare(summary="Since midnight", affected="The finance dashboard")
    await here.types("ada", "rename", channel=room)
    shown = here.shows(await here.slack.person("ada").wait_for_modal(title="Details of INC-1"))

    await here.types("ada", "edit", channel=room)
    await here.submits("ada", title=NAME, affected="")

    for words in ("Revenue is wrong", "Since midnight", "The finance dashboard"):
        assert words in shown
    card = here.shows(here.card(room))
    assert NAME in card
    assert "Since midnight" in card
    assert "The finance dashboard" not in card
    assert here.said(room)[1:] == [
        f"@ada renamed it: {NAME}",
        "@ada changed the details. Summary: Since midnight / Affected: not said",
    ]


async def test_two_who_edit_at_once_lose_nothing_of_each_other(here: World) -> None:
    room = await here.declare(summary="Since midnight")
    await here.join(room, "grace")
    await here.types("ada", "edit", channel=room)
    await here.types("grace", "edit", channel=room)
    grace = here.slack.person("grace")
    stale = await grace.wait_for_modal()
    await here.submits("ada", title=NAME)

    other = await grace.submit(stale, {"title": "Something else"})
    kept = await grace.submit(stale, {"title": "Revenue is wrong", "summary": "Since the deploy"})
    await here.settle()

    assert other.errors == {
        "title": f"Somebody changed the title meanwhile. It reads “{NAME}” now. "
        "Open the form again to edit that."
    }
    assert kept.ok
    incident = await here.incident()
    assert (incident.title, incident.text(incident.state.summary)) == (NAME, "Since the deploy")


async def test_an_empty_title_and_the_same_one_are_refused(here: World) -> None:
    room = await here.declare()

    await here.types("ada", "rename Revenue is wrong", channel=room)
    await here.types("ada", "edit", channel=room)
    ada = here.slack.person("ada")
    empty = await ada.submit(await ada.wait_for_modal(), {"title": "\u200b"})
    same = await ada.submit(await ada.wait_for_modal(), {"title": "Revenue is wrong"})

    assert here.told("ada", room) == ["It is already called that."]
    assert empty.errors["title"].startswith("The title is empty.")
    assert same.errors == {"title": "Nothing was changed: it reads as before."}


async def test_a_title_with_signs_in_it_turns_nothing_bold(here: World) -> None:
    room = await here.declare(title="*all* _orders_")

    await here.types("ada", "rename *no* _orders_", channel=room)
    await here.types("grace", "list")

    for text in (here.text("incidents"), here.said(room)[-1], here.told("grace", "general")[-1]):
        assert "\u2217no\u2217 \u02cdorders\u02cd" in text
        assert "*no*" not in text

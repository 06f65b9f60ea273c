"""A workspace that is kept is there again as it was: people, channels, messages, homes, and its clock."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox import MovableClock, Sandbox
from tests.sandbox.kit import CHANNELS, MANIFEST


def kept(path: Path) -> Sandbox:
    slack = Sandbox(MANIFEST, clock=MovableClock(), channels=CHANNELS)
    slack.keep_in(path)
    return slack


async def test_all_that_people_did_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "workspace.json"
    async with kept(path) as slack:
        ada = slack.person("ada")
        slack.add_person("edsger")
        side = await ada.create_channel("side", private=True)
        said = await ada.say(side, "the *plan*, @grace", files=("plan.txt",))
        await ada.say(side, "since Friday?", thread=said)
        await ada.react(said, "eyes")
        await ada.pin(said)
        await ada.edit(said, "the new plan")
        slack.clock.forward(timedelta(days=2))
        moved, before = slack.clock.now(), ada.reads("side")

    async with kept(path) as again:
        ada = again.person("ada")
        assert ada.reads("side") == before
        assert list(ada.channel("side").pins) == [said.ts]
        assert again.person("edsger").id not in ada.channel("side").members
        assert again.clock.now() >= moved
        assert (await ada.create_channel("other")).id not in {side.id, *again.workspace.users}


async def test_what_happens_is_written_soon_and_not_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "workspace.json"
    async with kept(path) as slack:
        await slack.person("ada").say("general", "before the crash")
        await slack.until(lambda: path.exists() and "before the crash" in path.read_text(), what="the file")


async def test_a_workspace_that_was_never_kept_begins_with_its_people(tmp_path: Path) -> None:
    async with kept(tmp_path / "none.json") as slack:
        assert [each.name for each in slack.workspace.people] == ["ada", "grace", "linus", "barbara"]
        assert len(slack.person("ada").channels()) == 2

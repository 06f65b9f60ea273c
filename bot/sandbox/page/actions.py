"""What a person does on the page: each action is one of the person's, as everywhere else in the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.sandbox import elements as parts
from bot.sandbox.elements import HOLDS, NotThere
from bot.sandbox.page.draw import Drawing
from bot.sandbox.page.extension import Action, Form, Outcome, Trouble
from bot.sandbox.page.forms import entered
from bot.sandbox.page.where import Scene, element_place, message_at
from bot.sandbox.people import TROUBLE, Clicked, Person, Reply
from bot.sandbox.state import Message, View


@dataclass(frozen=True, kw_only=True)
class Actions:
    """All that can be done, by the name it has in the page's forms."""

    drawing: Drawing

    def table(self) -> Mapping[str, Action]:
        """Return every action by name; those that were added count last."""
        return {
            "say": say, "edit": edit, "delete": delete, "react": react, "pin": pin, "read": read,
            "unread": unread, "join": join, "leave": leave, "create": create, "invite": invite,
            "topic": topic, "archive": archive, "direct": direct, "home": home, "shortcut": shortcut,
            "click": click, "enter": enter, "submit": self.submit, "close": close,
            **self.drawing.extension.actions,
        }  # fmt: skip

    async def submit(self, scene: Scene, form: Form) -> Outcome:
        """Submit a modal; what is wrong with it comes back in its fields, with all that was entered."""
        view = _view(scene.person, form)
        done = await scene.person.submit(view, entered(view.blocks, form))
        if done.error is not None:
            raise Trouble(done.error if done.error.startswith(TROUBLE) else TROUBLE)
        errors = {view.id: done.errors} if done.errors else {}
        return Outcome(html=self.drawing.modals(scene, errors))


# What is said


async def say(scene: Scene, form: Form) -> None:
    """Send what stands in a composer: words, files, or a slash command."""
    room, text, thread = _room(scene), form.get("text", "").strip(), form.get("thread") or None
    files = [name for name in form.getall("file", []) if name]
    if text.startswith("/") and not files:
        await _command(scene, text, thread)
    elif text or files:
        await scene.person.say(room, text, thread, files=files, broadcast=form.get("broadcast") == "on")


async def _command(scene: Scene, text: str, thread: str | None) -> None:
    command, _, rest = text.partition(" ")
    reply = await scene.person.command(command, rest, channel=_room(scene), thread=thread)
    if reply.error:
        raise Trouble(_refused(command, reply))


def _refused(command: str, reply: Reply) -> str:
    """Return Slack's sentence about a command that did not reach its app."""
    if reply.error in ("timeout", "dispatch_failed"):
        code = "operation_timeout" if reply.error == "timeout" else reply.error
        return f"{command} failed with the error “{code}”. {TROUBLE}"
    return str(reply.error)


async def edit(scene: Scene, form: Form) -> None:
    """Change one's own message."""
    await scene.person.edit(_message(scene, form), form["text"].strip())


async def delete(scene: Scene, form: Form) -> None:
    """Delete a message, or dismiss an ephemeral one."""
    await scene.person.delete(_message(scene, form))


async def react(scene: Scene, form: Form) -> None:
    """Add a reaction, or take one's own back."""
    message, name = _message(scene, form), form["name"].strip(":")
    if scene.person.id in message.reactions.get(name, []):
        await scene.person.unreact(message, name)
    else:
        await scene.person.react(message, name)


async def pin(scene: Scene, form: Form) -> None:
    """Pin a message, or take its pin away."""
    message = _message(scene, form)
    pinned = message.ts in scene.person.channel(message).pins
    await (scene.person.unpin(message) if pinned else scene.person.pin(message))


async def read(scene: Scene, form: Form) -> None:
    """Note that the channel was read, up to a message or to its end."""
    if scene.member:
        await scene.person.mark_read(_room(scene), form.get("ts"))


async def unread(scene: Scene, form: Form) -> None:
    """Make a message unread again."""
    await scene.person.mark_unread(_message(scene, form))


# Where people go


async def join(scene: Scene, _form: Form) -> None:
    """Join the channel."""
    await scene.person.join(_room(scene))


async def leave(scene: Scene, _form: Form) -> Outcome | None:
    """Leave the channel; from a private one there is no way back but an invitation."""
    room = scene.person.channel(_room(scene))
    await scene.person.leave(room)
    return None if room.visible_to(scene.person.id) else Outcome(go=f"/?as={scene.person.name}")


async def create(scene: Scene, form: Form) -> Outcome:
    """Create a channel and go there."""
    name = form["name"].strip().lstrip("#").lower().replace(" ", "-")
    made = await scene.person.create_channel(name, private=form.get("private") == "on")
    return Outcome(go=f"/?as={scene.person.name}&in={made.id}")


async def invite(scene: Scene, form: Form) -> None:
    """Bring people, or the app, into the channel."""
    names = [each.lstrip("@") for each in form["names"].replace(",", " ").split()]
    unknown = [each for each in names if scene.slack.workspace.ground.named(each) is None]
    if unknown:
        text = f"Nobody here is called {', '.join(unknown)}."
        raise Trouble(text)
    await scene.person.invite(_room(scene), *names)


async def topic(scene: Scene, form: Form) -> None:
    """Set the channel's topic."""
    await scene.person.set_topic(_room(scene), form["topic"].strip())


async def archive(scene: Scene, _form: Form) -> None:
    """Archive the channel, or open it again."""
    room = scene.person.channel(_room(scene))
    await (scene.person.unarchive(room) if room.archived else scene.person.archive(room))


async def direct(scene: Scene, form: Form) -> Outcome:
    """Open a direct conversation and go there."""
    room = await scene.person.open_direct(form["name"])
    return Outcome(go=f"/?as={scene.person.name}&in={room.id}")


async def home(scene: Scene, _form: Form) -> None:
    """Open the App Home: the app hears of it."""
    await scene.person.open_home()


# What is asked of the app


async def shortcut(scene: Scene, form: Form) -> None:
    """Use a shortcut, on a message where one is named."""
    on = _message(scene, form) if form.get("where") else None
    reply = await scene.person.shortcut(form["callback_id"], on)
    if reply.error:
        raise Trouble(TROUBLE)


async def click(scene: Scene, form: Form) -> None:
    """Press a button, or choose in a select; a modal's other fields go along as they stand."""
    place = element_place(scene.person, form["where"])
    block, action = form["block_id"], form["action_id"]
    found = parts.find(place, action, block_id=block)
    if isinstance(place, View) and place.content["type"] == "modal":
        await _entered(scene.person, place, form)
    done: Clicked = await scene.person.click(
        place, action, block_id=block, selected=_selected(found.kind, form, scene)
    )
    if done.error:
        raise Trouble(TROUBLE)


async def enter(scene: Scene, form: Form) -> None:
    """Keep what was entered in a modal so far."""
    await _entered(scene.person, _view(scene.person, form), form)


async def _entered(person: Person, view: View, form: Form) -> None:
    for name, value in entered(view.blocks, form).items():
        try:
            await person.enter(view, {name: value})
        except NotThere:
            continue  # half a word in a search field is no choice yet


def _selected(kind: str, form: Form, scene: Scene) -> object:
    """Return what was chosen in an element, in the shape that a person takes."""
    chosen = [each for each in form.getall("selected", []) if each]
    if kind == "button":
        return None
    if kind in HOLDS and HOLDS[kind][2]:
        return chosen or None
    if kind == "datetimepicker" and chosen and not chosen[0].isdigit():
        return datetime.fromisoformat(chosen[0]).replace(tzinfo=scene.look.zone)
    return chosen[0] if chosen else None


async def close(scene: Scene, form: Form) -> None:
    """Dismiss a modal, or the whole stack."""
    try:
        view = _view(scene.person, form)
    except NotThere:
        return  # gone already: what was asked for
    await scene.person.close(view, whole=form.get("whole") == "on")


def _room(scene: Scene) -> str:
    if scene.channel is None:
        text = "There is no channel here."
        raise NotThere(text)
    return scene.channel.id


def _message(scene: Scene, form: Form) -> Message:
    match form["where"].split("/"):
        case ["m" | "e", channel, ts]:
            return message_at(scene.person, channel, ts)
    text = "That message is no longer there."
    raise NotThere(text)


def _view(person: Person, form: Form) -> View:
    found = element_place(person, f"v/{form['view']}")
    if isinstance(found, View):
        return found
    text = "That is no longer on your screen."
    raise NotThere(text)

"""One gesture of a person, whatever it was made with, and what it is answered with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.shared.errors import Refused
from bot.domain.shared.vocabulary import Actor, ChannelId, IncidentId, RequestKey
from bot.slack.blocks import Block, Message, section, settle
from bot.slack.ids import Action
from bot.slack.views.payload import InteractionPayload
from bot.usecases.incident.card import card_facts
from bot.usecases.incident.membership import Doubt
from bot.usecases.messages import CardFacts
from bot.usecases.ports import Ports


class Elsewhere(Refused):
    """A war room's command was typed where there is no incident; the open ones are offered to do it in."""

    def __init__(self, why: str, *, typed: str, name: str) -> None:
        """Keep what was typed, so that one press does it, and the command's name."""
        super().__init__(why)
        self.typed = typed
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """What a person asked for.

    ``request`` names the gesture, so that a repeated delivery is answered once. ``channel`` is where it is
    answered, ``place`` where Slack itself says that it was made. ``incident`` is the one of the channel, the
    button or the words; ``command`` the one that was typed, ``rest`` what was typed after it; ``values`` a
    modal's state.
    """

    actor: Actor
    request: RequestKey
    ports: Ports
    channel: ChannelId | None = None
    place: ChannelId | None = None
    thread: str | None = None
    incident: IncidentId | None = None
    command: str | None = None
    rest: str = ""
    typed: str = ""
    payload: InteractionPayload = field(default_factory=InteractionPayload)
    values: object = None

    @property
    def about(self) -> IncidentId:
        """The incident this is about; refuses a place where there is none."""
        if self.incident is None:
            name = self.command or "this"
            msg = f"`/incident {name}` acts on an incident, and this channel is not a war room. Which one?"
            raise Elsewhere(msg, typed=self.typed, name=name)
        return self.incident

    async def card(self) -> CardFacts:
        """Return what is shown of the incident; raises ``NotFound`` for what the person may not see."""
        incident = await self.ports.reads.incident(self.about, seen_by=self.actor)
        return card_facts(incident, self.ports.policy)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A modal to be opened, and the button that opens it where there is no trigger to do so."""

    view: Block
    action: Action
    payload: InteractionPayload = field(default_factory=InteractionPayload)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the person alone is shown: a message, or a modal; nothing where the room shows it anyway.

    ``done`` says what was done, for where the person does not see the room. With ``doubt`` the message is
    a refusal that may be wrong: it is given once that has been looked into. A message
    that ``replaces`` takes the place of the one whose button was pressed. Where nothing else can
    reach the person now, ``last_word`` takes the place of the modal that was sent.
    """

    message: Message | None = None
    last_word: Block | None = None
    modal: Opening | None = None
    done: str | None = None
    doubt: Doubt | None = None
    replaces: bool = False


Listener = Callable[[Interaction], Awaitable[Answer]]

NOTHING = Answer()


def done(sentence: str) -> Answer:
    """Return the answer to what the war room shows: the sentence is for who is not looking at it."""
    return Answer(done=sentence)


def tell(sentence: str) -> Answer:
    """Return an answer of one sentence of ours."""
    text = settle(sentence)
    return Answer(message=Message(text=text, blocks=[section(text)]))

"""Who may see an incident: the one condition that every read goes through."""

from sqlalchemy import ColumnElement, exists, false, true

from bot.domain.shared.vocabulary import Actor, ActorKind
from storage.tables import INCIDENTS, MEMBERS


def visible_to(actor: Actor, *, include_private: bool = False) -> ColumnElement[bool]:
    """Return the condition on `INCIDENTS` that holds for what an actor may see.

    The system sees all. A person sees what is public, and the private incidents whose room they are in;
    an operator who acts as a person sees as much as that person. Everybody else sees what is public.
    ``include_private`` is an operator's own wish to see all, which the caller records.
    """
    if actor.kind is ActorKind.SYSTEM or include_private:
        return true()
    public = INCIDENTS.c.private == false()
    if actor.user is None:
        return public
    is_in = exists().where(MEMBERS.c.incident == INCIDENTS.c.id, MEMBERS.c.person == actor.user)
    return public | is_in

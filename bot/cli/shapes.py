"""What `--json` prints: one shape for each thing, for programs to rely on. Times are ISO 8601 in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.screen import Shape, sentence
from bot.domain.shared.vocabulary import ActorKind, label

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.incident.aggregate import Incident
    from bot.domain.incident.postmortem import Postmortem
    from bot.domain.incident.report import Report
    from bot.domain.incident.timeline import Entry
    from bot.domain.shared.vocabulary import Actor, IncidentId
    from bot.usecases.doctor import Finding
    from bot.usecases.ports import IncidentLine, JobLine


def incident(one: Incident) -> Shape:
    """Return all that is known of an incident, but what was said in its room."""
    state = one.state
    return {
        "id": label(one.id),
        "version": one.version,
        "title": one.title,
        "summary": one.text(state.summary),
        "affected": one.text(state.affected),
        "severity": state.severity,
        "status": state.status,
        "private": state.private,
        "drill": state.drill,
        "declared_by": _who(state.declared_by),
        "channel": state.channel,
        "channel_name": state.channel_name,
        "merged_into": _label(state.merged_into),
        "roles": [
            {"role": held.role, "person": held.person, "workstream": one.text(held.workstream)}
            for held in state.roles
        ],
        "milestones": {
            name: {"occurred": _time(moment.occurred), "recorded": _time(moment.recorded)}
            for name, moment in state.milestones.items()
        },
        "reports": [_report(report, one) for report in state.reports],
        "needs": [{"text": one.text(need.text), "since": _time(need.since)} for need in state.needs],
        "postmortem": _postmortem(state.postmortem, one) if state.postmortem else None,
    }


def _report(report: Report, one: Incident) -> Shape:
    return {
        "at": _time(report.at),
        "by": _who(report.by),
        "status": report.status,
        "severity": report.severity,
        "condition": report.condition,
        "conditions": one.text(report.conditions),
        "actions": one.text(report.actions),
        "blast_radius": one.text(report.blast_radius),
        "needs": [one.text(need) for need in report.needs],
        "met": [one.text(need) for need in report.met],
    }


def _postmortem(owed: Postmortem, one: Incident) -> Shape:
    return {
        "owed_at": _time(owed.owed_at),
        "due_at": _time(owed.due_at),
        "owner": owed.owner,
        "done": not owed.is_open,
        "done_at": _time(owed.done_at),
        "link": one.text(owed.link),
    }


def line(one: IncidentLine) -> Shape:
    """Return an incident as an entry of a list."""
    return {
        "id": label(one.id),
        "title": one.title,
        "severity": one.severity,
        "status": one.status,
        "private": one.private,
        "drill": one.drill,
        "channel": one.channel,
        "channel_name": one.channel_name,
        "commander": one.commander,
        "declared_at": _time(one.declared_at),
        "declared_by": _who(one.declared_by),
        "postmortem_due": _time(one.postmortem_due),
        "postmortem_owner": one.postmortem_owner,
    }


def entry(one: Entry) -> Shape:
    """Return an entry of a timeline; ``ts`` and ``thread_ts`` are those of a message in Slack."""
    return {
        "at": _time(one.at),
        "by": _who(one.by) if one.by else None,
        "kind": one.kind,
        "sentence": sentence(one.sentence),
        "key_moment": one.key_moment,
        "edited": one.edited,
        "deleted": one.deleted,
        "ts": one.ts,
        "thread_ts": one.thread_ts,
    }


def job(one: JobLine) -> Shape:
    """Return a job as an entry of a list."""
    return {
        "id": one.id,
        "kind": one.kind,
        "key": one.key,
        "state": one.state,
        "due_at": _time(one.due_at),
        "incident": _label(one.incident),
        "lane": one.lane,
        "attempt": one.attempt,
        "last_error": one.last_error,
        "done_at": _time(one.done_at),
    }


def finding(one: Finding) -> Shape:
    """Return what the doctor found about one thing."""
    return {"check": one.check, "ok": one.ok, "what": one.what, "remedy": one.remedy}


def _who(actor: Actor) -> Shape:
    return {"kind": ActorKind(actor.kind), "user": actor.user}


def _label(incident_id: IncidentId | None) -> str | None:
    return label(incident_id) if incident_id is not None else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None

"""What ships with the program: it is there, and it is whole."""

from pathlib import Path

import pytest
import yaml

from bot.domain.shared.vocabulary import ConditionType
from bot.resources import manifest_path, runbooks_dir

RUNBOOKS = sorted(runbooks_dir().glob("*.md"))


def test_the_manifest_is_there() -> None:
    assert (
        yaml.safe_load(manifest_path().read_text(encoding="utf-8"))["display_information"]["name"]
        == "Warroom"
    )


def test_there_are_runbooks() -> None:
    assert len(RUNBOOKS) >= 5


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_says_what_it_is_for_and_when_it_is_done(path: Path) -> None:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    front = yaml.safe_load(head)

    assert set(front) == {"title", "conditions", "tags", "symptoms", "severity"}
    assert set(front["conditions"]) <= set(ConditionType)
    assert set(front["severity"]) == {"major", "minor"}
    assert all(isinstance(symptom, str) for symptom in front["symptoms"])
    assert body.startswith(f"\n# {front['title']}\n")
    assert "\n## Done when\n- [ ] " in body


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_names_others_by_their_titles(path: Path) -> None:
    titles = {
        yaml.safe_load(other.read_text(encoding="utf-8").split("---\n", 2)[1])["title"] for other in RUNBOOKS
    }
    body = path.read_text(encoding="utf-8")

    named = {title for title in titles if f"*{title}*" in body}

    assert named or path.stem == "backfill-safely"

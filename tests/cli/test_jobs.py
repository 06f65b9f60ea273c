"""`warroom jobs`: what is owed and what died can be seen and tried again."""

from .conftest import Shell


def test_what_is_owed_is_listed(shell: Shell) -> None:
    shell.declare()

    listed = shell.json("jobs")

    assert listed == [
        {
            "id": 1,
            "kind": "incident_declared",
            "key": listed[0]["key"],
            "state": "due",
            "due_at": "2026-11-22T10:00:00+00:00",
            "incident": "INC-1",
            "lane": None,
            "attempt": 0,
            "last_error": None,
            "done_at": None,
        }
    ]


def test_a_dead_job_is_shown_with_why_and_tried_again(shell: Shell) -> None:
    shell.declare()
    job = shell.kill_job()

    dead = shell.ok("jobs", "--state", "dead")
    said = shell.ok("jobs", "retry", str(job))

    assert "channel_not_found" in dead
    assert said == f"Job {job} is due again. A running bot takes it up at once.\n"
    assert shell.ok("jobs", "--state", "dead") == "No jobs.\n"
    assert [line["state"] for line in shell.json("jobs")] == ["due"]


def test_a_job_that_is_not_dead_is_not_tried_again(shell: Shell) -> None:
    shell.declare()

    said = shell.refused("jobs", "retry", "1")

    assert said.startswith("Job 1 is not dead but due, so there is nothing to retry.")


def test_a_job_that_does_not_exist_is_said_not_to(shell: Shell) -> None:
    said = shell.refused("jobs", "retry", "99")

    assert said.startswith("There is no job 99.")


def test_a_dead_job_is_put_aside_with_a_reason(shell: Shell) -> None:
    shell.declare()
    job = shell.kill_job()

    unexplained = shell.refused("jobs", "dismiss", str(job), "--why", " ")
    said = shell.ok("jobs", "dismiss", str(job), "--why", "done by hand")
    again = shell.refused("jobs", "dismiss", str(job), "--why", "done by hand")

    assert "reason" in unexplained
    assert said == f"Job {job} is put aside.\n"
    assert again.startswith(f"Job {job} is not dead")
    assert shell.ok("jobs", "--state", "dead") == "No jobs.\n"


def test_a_state_that_does_not_exist_is_refused_with_those_that_do(shell: Shell) -> None:
    said = shell.refused("jobs", "--state", "undead")

    assert "due, leased, done, dead, cancelled" in said


def test_jobs_need_a_database_too(empty_shell: Shell) -> None:
    assert "`warroom migrate`" in empty_shell.refused("jobs")
    assert "`warroom migrate`" in empty_shell.refused("jobs", "retry", "1")

"""Settings: what is read, what is refused, and that the examples say the same."""

import re
from dataclasses import fields, replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.settings import VARIABLES, Settings, SettingsError, load
from bot.usecases.policy import Nudges, Policy

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def from_toml(text: str) -> Settings:
    Path("team.toml").write_text(text, encoding="utf-8")
    return load({"WARROOM_CONFIG": "team.toml"})


def refusal_of(text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        from_toml(text)
    assert "\n" not in refused.value.why
    return refused.value.why


# -- the environment


def test_nothing_has_to_be_set() -> None:
    settings = load({})

    assert settings.policy == Policy()
    assert settings.database_path == Path("warroom.db")
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.slack_api_url == "https://slack.com/api/"


def test_the_process_goes_before_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("WARROOM_PORT=1111\nWARROOM_HOST=::1\nOTHER=x\n", encoding="utf-8")
    monkeypatch.setenv("WARROOM_PORT", "2222")

    settings = load()

    assert (settings.host, settings.port) == ("::1", 2222)


def test_a_misspelt_variable_in_the_env_file_is_named() -> None:
    Path(".env").write_text("WARROOM_DATABSE_URL=sqlite:///x.db\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="did you mean WARROOM_DATABASE_URL"):
        load()


@pytest.mark.parametrize("given", [True, False])
def test_a_misspelt_variable_of_the_process_is_refused_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, *, given: bool
) -> None:
    monkeypatch.setenv("WARROOM_DATABSE_URL", "sqlite:///hush.db")

    with pytest.raises(SettingsError, match="did you mean WARROOM_DATABASE_URL") as refused:
        load({"WARROOM_DATABSE_URL": "sqlite:///hush.db"} if given else None)

    assert refused.value.field == "WARROOM_DATABSE_URL"
    assert "hush" not in refused.value.why


def test_what_kubernetes_sets_for_a_service_of_that_name_is_no_misspelt_setting() -> None:
    env = {"WARROOM_SERVICE_HOST": "10.0.0.1", "WARROOM_PORT_8080_TCP": "tcp://10.0.0.1:8080"}

    assert load(env) == load({})


def test_an_empty_variable_is_an_unset_one() -> None:
    settings = load(dict.fromkeys(VARIABLES, ""))

    assert settings == load({})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-1-hush", "looks like a user token"),
        ("SLACK_BOT_TOKEN", "xapp-1-hush", "looks like an app-level token"),
        ("SLACK_BOT_TOKEN", "xoxb-hush hush", "begins with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1-hush", "looks like a bot token"),
        ("SLACK_APP_TOKEN", "hush", "begins with xapp-"),
        ("SLACK_SIGNING_SECRET", "xoxb-hush", "is a token"),
        ("SLACK_API_URL", "slack.com/api", "https://"),
        ("SLACK_API_URL", "https://user:hush@slack.test/api", "https://"),
        ("WARROOM_DATABASE_URL", "mysql://u:hush@h/d", "postgresql://"),
        ("WARROOM_DATABASE_URL", "postgresql://u:hush@/", "names no server"),
        ("WARROOM_DATABASE_URL", "sqlite://hush.db", "three slashes"),
        ("WARROOM_DATABASE_URL", "sqlite:///:memory:", "names no file"),
        ("WARROOM_DATABASE_URL", "sqlite:///hush.db?mode=ro", "no options"),
        ("WARROOM_DATABASE_URL", "postgresql://u:hush@h:port/d", "names no server"),
        ("WARROOM_DATABASE_URL", "postgresql://u:hush@[::1/d", "names no server"),
        ("WARROOM_DATABASE_URL", "postgresql://u:hush@h/d?pool=3", "has the option pool"),
        ("WARROOM_PORT", "70000", "0 (any free one) to 65535"),
        ("WARROOM_PORT", "http", "not a port"),
        ("WARROOM_PORT", "tcp://10.0.0.1:8080", "enableServiceLinks"),
        ("WARROOM_HOST", "http://hush", "without http://"),
        ("WARROOM_LOG_LEVEL", "LOUD", "DEBUG, INFO"),
        ("WARROOM_LOG_JSON", "hush", "true or false"),
        ("WARROOM_CONFIG", "absent.toml", "absent.toml, which is not there"),
    ],
)
def test_a_malformed_variable_is_named_without_its_value(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({name: value})

    assert refused.value.field == name
    assert name in refused.value.why
    assert says in refused.value.why
    assert "hush" not in refused.value.why
    assert "\n" not in refused.value.why


def test_secrets_are_not_shown() -> None:
    settings = load(
        {
            "SLACK_BOT_TOKEN": "xoxb-1-hush",
            "SLACK_APP_TOKEN": "xapp-1-hush",
            "SLACK_SIGNING_SECRET": "hush0123456789abcdef",
            "WARROOM_DATABASE_URL": "postgresql://u:hush@h/d",
        }
    )

    assert "hush" not in repr(settings)
    assert "hush" not in str(settings)


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
    ],
)
def test_serving_slack_names_the_token_that_is_missing(env: dict[str, str], missing: str) -> None:
    settings = load(env)

    with pytest.raises(SettingsError) as refused:
        settings.require_slack()

    assert refused.value.field == missing


def test_a_signing_secret_stands_in_for_the_app_token() -> None:
    settings = load({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0123456789abcdef"})

    access = settings.require_slack()

    assert access.bot_token.get_secret_value() == "xoxb-1"
    assert access.app_token is None


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///warroom.db", Path("warroom.db")),
        ("sqlite:////var/lib/warroom.db", Path("/var/lib/warroom.db")),
        ("sqlite+aiosqlite:///a.db", Path("a.db")),
        ("postgresql://u:p@h/d", None),
        ("postgresql:///d?host=/run/postgresql", None),
    ],
)
def test_the_database_file_is_known_where_there_is_one(url: str, path: Path | None) -> None:
    assert load({"WARROOM_DATABASE_URL": url}).database_path == path


# -- warroom.toml


def test_the_file_in_the_working_directory_is_read() -> None:
    Path("warroom.toml").write_text('[channels]\nincidents = "#data-alarms"\n', encoding="utf-8")

    assert load({}).policy.incidents_channel == "data-alarms"


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("48h", timedelta(hours=48)),
        ("1h30m", timedelta(minutes=90)),
        ("2D", timedelta(days=2)),
        ("1d 2h 3m 4s", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_durations_carry_their_units(written: str, length: timedelta) -> None:
    policy = from_toml(f'[nudges]\nsnooze = "{written}"\npostmortem_before = ["{written}"]\n').policy

    assert policy.nudges == replace(Nudges(), snooze=length, postmortem_before=(length,))


@pytest.mark.parametrize(
    "written", ["5", "5.5", '""', '"5"', '"m"', '"5 minutes"', '"-5m"', '"0s"', '"9999d"', "true"]
)
def test_what_is_no_duration_is_refused_at_its_key(written: str) -> None:
    said = refusal_of(f"[nudges]\ncommander_after = {written}\n")

    assert said.startswith("team.toml: nudges.commander_after ")
    assert '"' in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[nudge]\n", "there is no section nudge; did you mean nudges?"),
        ('[nudges]\ncommander_aftr = "5m"\n', "did you mean nudges.commander_after?"),
        ("[nudges]\nzebra = 1\n", "known are nudges.commander_after, "),
        ('[severity.SEV9]\ncadence = "5m"\n', "did you mean severity.SEV"),
        ('[severity.SEV1]\ncadance = "5m"\n', "did you mean severity.SEV1.cadence?"),
        ("[channels\n", "line 1"),
        ("[nudges]\nsnooze = \n", "line 2"),
        ("channels = 3\n", "Write it as [channels]"),
        ("[channels]\nincidents = 3\n", "channels.incidents is not text"),
        ('[channels]\nincidents = "Data Alarms"\n', "is not a channel"),
        ('[channels]\nprefix = "INC "\n', "channels.prefix"),
        ('[who_may]\nadmins = ["@casey"]\n', "U012ABCDEF"),
        ('[who_may]\nadmins = "U012ABCDEF"\n', "in brackets"),
        ('[who_may]\nact_from_outside = "yes"\n', "neither true nor false"),
        ('[working_hours]\nopens = "08:00"\n', "working_hours.zone is missing"),
        ('[working_hours]\nzone = "Europe/Berln"\n', "did you mean Europe/Berlin"),
        ('[working_hours]\nzone = "../etc/passwd"\n', "is not a time zone"),
        ('[working_hours]\nzone = "UTC"\ncloses = "24:00"\n', '"23:59"'),
        ('[working_hours]\nzone = "UTC"\nopens = "19:00"\n', "never open"),
        ('[working_hours]\nzone = "UTC"\ndays = []\n', "never open"),
        ('[working_hours]\nzone = "UTC"\ndays = ["monday"]\n', "is not a day"),
        ("severities = []\n", "severities is empty"),
        ("[severities]\n", "[[severities]]"),
        ('[[severities]]\nkey = "P1"\n', "severities[1].degradation is missing"),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, says: str) -> None:
    said = refusal_of(text)

    assert said.startswith("team.toml")
    assert says.casefold() in said.casefold()


def test_a_reminder_before_the_postmortem_is_owed_at_all_is_refused() -> None:
    said = refusal_of('[nudges]\npostmortem_before = ["4h", "72h"]\n')

    assert "nudges.postmortem_before holds 72h, but a postmortem is due 48h after resolution" in said
    longer = from_toml('[nudges]\npostmortem_due = "96h"\npostmortem_before = ["72h"]\n')
    assert longer.policy.nudges.postmortem_before == (timedelta(hours=72),)


def test_a_file_that_is_not_text_is_refused() -> None:
    Path("team.toml").write_bytes(b"\xff\xfe[")

    with pytest.raises(SettingsError, match="not UTF-8"):
        load({"WARROOM_CONFIG": "team.toml"})


def test_a_folder_is_no_file() -> None:
    Path("team.toml").mkdir()

    with pytest.raises(SettingsError, match="is a directory"):
        load({"WARROOM_CONFIG": "team.toml"})


def test_a_level_of_ones_own_replaces_the_scale() -> None:
    level = 'degradation = "x"\naffected = "x"\ncadence = "none"\nworking_hours = true\nmajor = true\n'

    scale = from_toml(f"[[severities]]\nkey = 'P1'\n{level}[severity.P1]\ncadence = '10s'\n").policy.scale

    assert [level.key for level in scale] == ["P1"]
    assert scale.get("P1").cadence == timedelta(seconds=10)


def test_two_levels_of_one_name_are_refused() -> None:
    level = 'degradation = "x"\naffected = "x"\ncadence = "none"\nworking_hours = false\nmajor = true\n'

    said = refusal_of(f'[[severities]]\nkey = "P1"\n{level}[[severities]]\nkey = "p1"\n{level}')

    assert "one level twice" in said


def test_a_single_value_of_a_level_is_changed() -> None:
    policy = from_toml(
        '[severity.SEV1]\ncadence = "10s"\n[severity.SEV4]\ncadence = "none"\nmajor = true\n'
    ).policy

    assert policy.scale.get("SEV1") == replace(Policy().scale.get("SEV1"), cadence=timedelta(seconds=10))
    assert policy.scale.get("SEV4") == replace(Policy().scale.get("SEV4"), cadence=None, major=True)


def test_working_hours_are_absent_until_they_are_said() -> None:
    hours = from_toml('[working_hours]\nzone = "Europe/Berlin"\nopens = 08:30:00\n').policy.hours

    assert load({}).policy.hours is None
    assert hours is not None
    assert (hours.days, hours.opens, hours.closes) == (frozenset(range(5)), time(8, 30), time(18))


def test_people_are_named_by_id() -> None:
    who_may = from_toml(
        '[who_may]\nadmins = ["U1"]\nresolve = ["U2", "W3"]\nact_from_outside = true\n'
    ).policy.who_may

    assert who_may.admins == {"U1"}
    assert who_may.resolve == {"U2", "W3"}
    assert who_may.act_from_outside


# -- the examples


def test_the_env_example_has_every_variable_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")

    named = re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)

    assert sorted(named) == sorted(VARIABLES)


def test_the_env_example_shows_the_defaults() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")

    shown = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))
    del shown["WARROOM_CONFIG"]

    assert load(shown) == load({})


def test_the_config_example_is_the_defaults_with_and_without_its_comments() -> None:
    text = (ROOT / "warroom.example.toml").read_text(encoding="utf-8")
    uncommented = re.sub(r"^#(?=[\w\[])", "", text, flags=re.MULTILINE)

    policy = from_toml(uncommented).policy

    assert from_toml(text).policy == Policy()
    assert policy.hours is not None
    assert replace(policy, hours=None) == Policy()


def test_the_config_example_has_every_key() -> None:
    from bot.settings import file  # noqa: PLC0415 - the sections are nobody else's business

    text = (ROOT / "warroom.example.toml").read_text(encoding="utf-8")

    keys = set(re.findall(r"^#?(\w+) = ", text, re.MULTILINE))
    sections = (file._Channels, file._Nudges, file._Level, file._LevelChange, file._Hours, file._People)  # noqa: SLF001

    assert keys == {name for section in sections for name in section.model_fields}
    assert {field.name for field in fields(Nudges)} <= keys

"""Time is read in one place and handed down: what reads it elsewhere goes red when the calendar moves on."""

import ast
from collections.abc import Iterator

import pytest

import bot.clock
import bot.sandbox
import storage.real_time
from tests.house.sources import modules_by_name

READS_HERE = {
    bot.clock.__name__: "the real clock itself",
    bot.sandbox.__name__: "the other side of the wire: how long ago Slack was called, by nobody's hand",
    storage.real_time.__name__: "leases and retries run on it",
}
"""Who may read time, folders by their package, each with why."""

CLOCKS = {
    "time": frozenset({
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time",
        "localtime", "gmtime", "ctime", "strftime",
    }),
    "datetime": frozenset({"now", "utcnow", "today"}),
    "date": frozenset({"today"}),
    "func": frozenset({
        "now", "current_timestamp", "current_date", "current_time", "localtimestamp", "statement_timestamp",
        "transaction_timestamp", "clock_timestamp",
    }),
}  # fmt: skip
"""What reads time, by the module, class or object that it is asked of."""


def readings(tree: ast.Module) -> Iterator[str]:
    """Yield every place of a module that reads time or hands on what reads it."""
    renamed: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            renamed |= {alias.asname: alias.name for alias in node.names if alias.asname}
        if isinstance(node, ast.ImportFrom):
            renamed |= {alias.asname: alias.name for alias in node.names if alias.asname}
            if node.module == "time":
                yield from (f"from time import {alias.name}" for alias in node.names)
        if isinstance(node, ast.Attribute):
            of = ast.unparse(node.value).rsplit(".", maxsplit=1)[-1]
            if node.attr in CLOCKS.get(renamed.get(of, of), ()) and not _is_time_of_day(node, tree):
                yield ast.unparse(node)
            if node.attr == "time" and of.endswith(("loop", "loop()")):
                yield ast.unparse(node)


def _is_time_of_day(node: ast.Attribute, tree: ast.Module) -> bool:
    """Return whether ``time`` is here the class of a time of day, which reads nothing."""
    return ast.unparse(node.value) == "time" and any(
        isinstance(each, ast.ImportFrom)
        and each.module == "datetime"
        and any(a.name == "time" for a in each.names)
        for each in ast.walk(tree)
    )


def test_nobody_reads_time_but_the_clock_that_is_handed_down() -> None:
    reading = {name: sorted(set(readings(tree))) for name, tree in modules_by_name().items()}
    found = {name: places for name, places in reading.items() if places}
    allowed = {name: {each for each in READS_HERE if f"{name}.".startswith(f"{each}.")} for name in found}

    assert {name: found[name] for name, by in allowed.items() if not by} == {}
    assert set(READS_HERE) == set().union(*allowed.values()), "no longer needed"


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.time()",
        "import time as clock\nclock.monotonic()",
        "from time import monotonic",
        "from datetime import datetime\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from datetime import date\ndate.today()",
        "import asyncio\nasyncio.get_running_loop().time()",
        "def f(clock=time.monotonic): ...",
        "from sqlalchemy import func\nfunc.now()",
        "from sqlalchemy import func\nfunc.statement_timestamp()",
    ],
)
def test_a_reading_is_found_however_it_is_written(source: str) -> None:
    assert list(readings(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import time\ntime(9)",
        "at.time()",
        "self._clock()",
        "ports.now()",
        "datetime.combine(day, nine)",
    ],
)
def test_what_is_handed_down_or_reckoned_is_no_reading(source: str) -> None:
    assert not list(readings(ast.parse(source)))

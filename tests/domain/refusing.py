"""How a test says that something is refused; every refusal has to be fit to show a person."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.domain.shared.errors import Refused

LONGEST = 300
"""What a person reads at one glance, and what fits under an input."""


def check_fit(refused: Refused) -> None:
    """Fail unless a refusal is one short, whole sentence or two."""
    assert refused.why[-1] in ".?", refused.why
    assert 0 < len(refused.why) <= LONGEST, refused.why
    assert refused.why[0].isupper() or refused.why.startswith("<@"), refused.why
    assert str(refused) == refused.why


@contextmanager
def refused(
    why: str = "", *, kind: type[Refused] = Refused, field: str | None = None
) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """Fail unless the block is refused with a fit message that holds ``why``, at ``field``."""
    with pytest.raises(kind) as caught:
        yield caught
    check_fit(caught.value)
    assert why in caught.value.why
    assert field is None or caught.value.field == field

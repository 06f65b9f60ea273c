"""Emoji by their short names, the way bots and people write them."""

import re

from rich.emoji import Emoji, NoEmoji

# What Slack calls differently from, or has more than, the table of rich.
ALSO = {
    "large_red_circle": "\N{LARGE RED CIRCLE}",
    "large_orange_circle": "\N{LARGE ORANGE CIRCLE}",
    "large_yellow_circle": "\N{LARGE YELLOW CIRCLE}",
    "large_green_circle": "\N{LARGE GREEN CIRCLE}",
    "large_purple_circle": "\N{LARGE PURPLE CIRCLE}",
    "large_brown_circle": "\N{LARGE BROWN CIRCLE}",
    "large_red_square": "\N{LARGE RED SQUARE}",
    "large_orange_square": "\N{LARGE ORANGE SQUARE}",
    "large_yellow_square": "\N{LARGE YELLOW SQUARE}",
    "large_green_square": "\N{LARGE GREEN SQUARE}",
    "large_blue_square": "\N{LARGE BLUE SQUARE}",
    "large_purple_square": "\N{LARGE PURPLE SQUARE}",
    "octagonal_sign": "\N{OCTAGONAL SIGN}",
    "simple_smile": "\N{SLIGHTLY SMILING FACE}",
    "facepalm": "\N{FACE PALM}",
    "face_palm": "\N{FACE PALM}",
    "shrug": "\N{SHRUG}",
    "man-shrugging": "\N{SHRUG}\N{ZERO WIDTH JOINER}\N{MALE SIGN}\N{VARIATION SELECTOR-16}",
    "woman-shrugging": "\N{SHRUG}\N{ZERO WIDTH JOINER}\N{FEMALE SIGN}\N{VARIATION SELECTOR-16}",
    "thinking": "\N{THINKING FACE}",
    "saluting_face": "\N{SALUTING FACE}",
    "melting_face": "\N{MELTING FACE}",
    "heart_hands": "\N{HEART HANDS}",
    "pager": "\N{PAGER}",
}
NATIONS = frozenset(["cn", "de", "es", "fr", "gb", "it", "jp", "kr", "ru", "us"])
SKINS = {str(number + 2): chr(0x1F3FB + number) for number in range(5)}
SHORT_NAME = re.compile(r":([a-z0-9_+'&.-]+):(?::skin-tone-([2-6]):)?", re.IGNORECASE)
OFTEN = (
    "+1", "eyes", "white_check_mark", "raised_hands", "tada", "pray", "heart", "joy", "thinking_face", "fire",
    "rotating_light", "warning", "pushpin", "memo", "bulb", "bug", "rocket", "hourglass_flowing_sand", "x",
    "question", "wave", "100",
)  # fmt: skip
"""What a reaction is picked from first."""

_FLAG = re.compile(r"flag-([a-z]{2})")
# Symbols older than emoji are drawn in black unless they are followed by the selector of their coloured form.
_PICTOGRAPHS = 0x1F000
_REGIONAL = 0x1F1E6 - ord("a")


def emoji(name: str) -> str | None:
    """Return the characters of a short name such as ``tada``, ``flag-fr`` or ``+1::skin-tone-3``, or None."""
    plain, _, skin = name.lower().partition("::skin-tone-")
    found = ALSO.get(plain) or _flag(plain) or _known(plain)
    if found is None or not skin:
        return found
    return found.rstrip("\N{VARIATION SELECTOR-16}") + SKINS[skin] if skin in SKINS else None


def _flag(name: str) -> str | None:
    letters = name if name in NATIONS else (found[1] if (found := _FLAG.fullmatch(name)) else "")
    return "".join(chr(_REGIONAL + ord(each)) for each in letters) or None


def _known(name: str) -> str | None:
    try:
        drawn = str(Emoji(name))
    except NoEmoji:
        return None
    is_old_symbol = len(drawn) == 1 and ord(drawn) < _PICTOGRAPHS
    return drawn + "\N{VARIATION SELECTOR-16}" if is_old_symbol else drawn

"""The files of a new desk: the standard ones, or these with a preset's differences written into them.

The standard files are packaged beside the presets; in a checkout they are those at the top of the repository.
"""

from __future__ import annotations

from pathlib import Path

from repairdesk.errors import N_, NotFound
from repairdesk.rules.load import text_of
from repairdesk.rules.splice import splice

STANDARD = "standard"
_PRESETS = Path(__file__).parent / "presets"
_CHECKOUT = Path(__file__).parents[3]
_NO_PRESETS = {"fees", "calendar"}


def preset_names() -> list[str]:
    """The presets that ``init --preset`` takes, standard first."""
    names = {path.name.removesuffix(".yaml") for path in _PRESETS.glob("*.yaml")}
    return [STANDARD, *sorted(name for name in names - {STANDARD} - _NO_PRESETS if "." not in name)]


def preset_text(name: str) -> tuple[str, str]:
    """The whole ``policies.yaml`` and ``fees.yaml`` of a preset, with their comments.

    A preset is data alone: ``presets/NAME.yaml`` holds what differs in the policies, ``presets/NAME.fees.yaml``, where
    there is one, what differs in the fee table.

    Raises:
        NotFound: there is no such preset (11).
    """
    if name not in preset_names():
        raise NotFound(
            N_("there is no preset “{name}”; there are: {names}"), name=name, names=", ".join(preset_names())
        )
    policies = text_of(_standard("standard.yaml", "policies.yaml"))
    fees = text_of(_standard("fees.yaml", "fees.yaml"))
    return _with(policies, f"{name}.yaml") if name != STANDARD else policies, _with(fees, f"{name}.fees.yaml")


def calendar_text() -> str:
    """The whole ``calendar.yaml``, with its comments: the same for every preset."""
    return text_of(_standard("calendar.yaml", "calendar.yaml"))


def _with(text: str, differences: str) -> str:
    path = _PRESETS / differences
    return splice(text, text_of(path)) if path.exists() else text


def _standard(packaged: str, in_checkout: str) -> Path:
    path = _PRESETS / packaged
    return path if path.exists() else _CHECKOUT / in_checkout

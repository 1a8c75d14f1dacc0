"""One number a patient: a metric of a region by a method, the difference of two methods, or a feature."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analysis.metric_definitions import FEATURE_DEFINITIONS, Definition, definition
from viewer.number_format import MINUS

_PARTS = 4
_LINEAR_WITHIN = {"mm": 1.0, "ml": 0.1, "voxels": 1.0, "count": 1.0, "share": 0.001}


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    """What can be put on an axis.

    Attributes:
        metric: its id, or a feature's name.
        region: empty for a feature and for the Dice average.
        method: the source that is measured; empty for a feature.
        minus: another method whose value is taken away; empty for none.
    """

    metric: str
    region: str = ""
    method: str = ""
    minus: str = ""

    @property
    def text(self) -> str:
        """Write it as addresses do: `dice:WT:distmap`, `dice:WT:distmap:baseline` for a difference."""
        return f"{self.metric}:{self.region}:{self.method}:{self.minus}".rstrip(":")

    @property
    def definition(self) -> Definition:
        """Say what the metric is."""
        return definition(self.metric)

    @property
    def digits(self) -> int:
        """Say how many digits follow the point: one more for a difference of shares."""
        return self.definition.digits + (1 if self.minus and not self.definition.unit else 0)

    @property
    def linear_within(self) -> float | None:
        """Say within which distance of zero a symlog axis is linear; None where such an axis says nothing.

        Shares lie between 0 and 1 and crowd at 1, not at 0; their differences crowd at 0.
        """
        about = self.definition
        kind = about.unit or ("count" if about.digits == 0 else "share")
        if kind == "share" and not self.minus:
            return None
        return _LINEAR_WITHIN[kind]

    def of(self, method: str, minus: str = "") -> "Quantity":
        """Take the same of another method."""
        return replace(self, method=method, minus=minus)

    def title(self, sources: Mapping[str, str]) -> str:
        """Name it for people.

        Args:
            sources: name to title of every source.
        """
        if self.metric in FEATURE_DEFINITIONS:
            return self.metric
        who = sources.get(self.method, self.method)
        if self.minus:
            who = f"{who} {MINUS} {sources.get(self.minus, self.minus)}"
        return ", ".join(part for part in (self.definition.title, self.region, who) if part)

    def axis(self, sources: Mapping[str, str]) -> str:
        """Name it for an axis, with its unit."""
        unit = self.definition.unit
        return self.title(sources) + (f", {unit}" if unit else "")

    def says(self, sources: Mapping[str, str]) -> str:
        """Define it in a sentence or two."""
        if not self.minus:
            return self.definition.sentence
        first, second = (sources.get(name, name) for name in (self.method, self.minus))
        return f"{self.definition.says} Here {first} {MINUS} {second}: 0 where they agree."


def read_quantity(text: str) -> Quantity:
    """Read what `Quantity.text` wrote.

    Raises:
        ValueError: if the text has no metric or too many parts.
    """
    parts = text.split(":")
    if not parts[0] or len(parts) > _PARTS:
        raise ValueError(text)
    return Quantity(*parts)

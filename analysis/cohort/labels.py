"""Label schemes: which integers a label map may hold, what they are called, and the regions they form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

BRAIN_COLOUR = "#c9ced6"


@dataclass(frozen=True, slots=True)
class Label:
    """One integer of a label map.

    Attributes:
        value: the integer, 1 to 255; 0 is background everywhere.
        name: short name, as in tables and files (`NCR`).
        title: name for people (`Necrotic core`).
        colour: sRGB hex, the same on the page, in meshes and in pictures.
    """

    value: int
    name: str
    title: str
    colour: str


@dataclass(frozen=True, slots=True)
class LabelScheme:
    """The labels of a study and the regions they form.

    Attributes:
        name: what study.toml and `--scheme` call it.
        labels: in ascending order of value.
        regions: region name to its set of label values, in the order tables show them.
        dice_average: names of the regions that enter the Dice average.
        read_as: values found in files that mean another label (BraTS 2021's 4 is ET, our 3).
    """

    name: str
    labels: tuple[Label, ...]
    regions: Mapping[str, tuple[int, ...]]
    dice_average: tuple[str, ...]
    read_as: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = [label.value for label in self.labels]
        if sorted(set(values)) != values or not all(1 <= value <= 255 for value in values):
            raise ValueError(f"scheme {self.name}: label values must ascend within 1 to 255, found {values}")
        for region, members in self.regions.items():
            unknown = sorted(set(members) - set(values))
            if unknown or not members:
                raise ValueError(
                    f"scheme {self.name}: region {region} names labels {list(members)}, known are {values}"
                )
        missing = [name for name in self.dice_average if name not in self.regions]
        if missing:
            raise ValueError(f"scheme {self.name}: the Dice average asks for unknown regions {missing}")

    @property
    def names(self) -> dict[int, str]:
        """Label value to short name."""
        return {label.value: label.name for label in self.labels}

    @property
    def allowed(self) -> frozenset[int]:
        """Every value a file of this scheme may hold, background included."""
        return frozenset({0, *self.names, *self.read_as})


_NCR = Label(1, "NCR", "Necrotic core", "#e0457b")
_ED = Label(2, "ED", "Oedema", "#3fb68b")
_ET = Label(3, "ET", "Enhancing tumour", "#ff9d4d")
_GLIOMA_REGIONS = {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,), "NCR": (1,), "ED": (2,)}

_BRATS2023 = LabelScheme("brats2023", (_NCR, _ED, _ET), _GLIOMA_REGIONS, ("WT", "TC", "ET"))
_BRATS2021 = LabelScheme("brats2021", (_NCR, _ED, _ET), _GLIOMA_REGIONS, ("WT", "TC", "ET"), read_as={4: 3})
_BRATS2024_POST = LabelScheme(
    "brats2024-post",
    (
        Label(1, "NETC", "Non-enhancing tumour core", "#e0457b"),
        Label(2, "SNFH", "Surrounding FLAIR hyperintensity", "#3fb68b"),
        Label(3, "ET", "Enhancing tissue", "#ff9d4d"),
        Label(4, "RC", "Resection cavity", "#5b8def"),
    ),
    {"WT": (1, 2, 3), "TC": (1, 3), "ET": (3,), "RC": (4,), "NETC": (1,), "SNFH": (2,)},
    ("WT", "TC", "ET"),
)

SCHEMES: Mapping[str, LabelScheme] = MappingProxyType(
    {scheme.name: scheme for scheme in (_BRATS2023, _BRATS2021, _BRATS2024_POST)}
)

"""What the Dash components that our own scripts draw have in common."""

from typing import ClassVar

from dash.development.base_component import Component


class DrawnComponent(Component):
    """A component without children whose properties are JSON.

    A subclass names its `_type`, as the scripts call it, and its `properties`. It also repeats `_namespace`
    and `_children_props`: Dash's registry reads these two from a class itself, not from what it inherits.
    The namespace is the package that holds them, for Dash imports it for every property of every component.
    """

    properties: ClassVar[tuple[str, ...]] = ()
    _children_props: list[str] = []  # noqa: RUF012 - an instance attribute to Dash, read from the class
    _base_nodes = ["children"]  # noqa: RUF012 - the same
    _namespace = "viewer"
    _type = "DrawnComponent"

    def __init__(self, **properties: object) -> None:
        self._prop_names = [*self.properties]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = [*self.properties]
        self.available_wildcard_properties: list[str] = []
        super().__init__(**properties)  # type: ignore[no-untyped-call] # Dash annotates nothing

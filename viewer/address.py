"""The Dash component that knows the page's address: `viewer/frontend/src/Address.tsx`."""

from viewer.drawn_component import DrawnComponent


class Address(DrawnComponent):
    """The query string of the page's address, told on every `popstate`. Its one writer is 60-navigation.js.

    Comes out:
        search: the query string with its question mark, or nothing.
    """

    properties = ("id", "search")
    _children_props: list[str] = []  # noqa: RUF012 - an instance attribute to Dash, read from the class
    _namespace = "viewer"
    _type = "Address"

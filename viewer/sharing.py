"""What takes the page elsewhere: a link to what is shown, and files."""

from dash import html
from dash.development.base_component import Component

from viewer.markup import attributes
from viewer.names import Id


def share_buttons() -> Component:
    """Offer the link to what is shown, and its export."""
    return html.Div(
        [
            html.Button(
                "Copy link",
                id=Id.COPY_LINK,
                className="button",
                title="Copy the address of exactly this view: case, camera, crosshair, layers, selection",
            ),
            html.Button(
                "Export",
                id=Id.EXPORT_OPEN,
                className="button",
                title="Surfaces, pictures and the whole case, as files",
                **attributes(aria_haspopup="dialog"),
            ),
            html.Span(id=Id.COPY_SAID, className="visually-hidden", role="status"),
        ],
        className="share",
        role="group",
        **attributes(aria_label="Share"),
    )

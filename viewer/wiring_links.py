"""What a hand moves and a link keeps: camera, crosshair and selection.

They are written into the address when the hand rests, camera and crosshair without anybody being woken, and
read from it when somebody opens a link or goes back. All of it happens in the browser, in assets/63-links.js.
"""

from dash import ClientsideFunction, Dash, Input, Output, State

from viewer.names import Id


def wire_links(app: Dash) -> None:
    """Let the stage's camera and crosshair follow the address, and the address them."""
    app.clientside_callback(
        ClientsideFunction("links", "followCamera"),
        Output(Id.STAGE, "view"),
        Output(Id.STAGE, "camera"),
        Input(Id.ADDRESS, "search"),
    )
    app.clientside_callback(
        ClientsideFunction("links", "followCursor"),
        Output(Id.STAGE, "cursor", allow_duplicate=True),
        Input(Id.ADDRESS, "search"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(
        ClientsideFunction("links", "followSelection"),
        Output(Id.STAGE, "selection"),
        Output(Id.STAGE, "cursor"),
        Input(Id.FOUND, "data"),
        State(Id.STAGE, "selection"),
        prevent_initial_call=True,
    )
    for function, what in (
        ("keepCamera", "camera"),
        ("keepCursor", "cursor"),
        ("keepSelection", "selection"),
    ):
        app.clientside_callback(
            ClientsideFunction("links", function),
            Output(Id.COPY_LINK, f"data-{what}"),  # nobody's: what only writes the address has no output
            Input(Id.STAGE, what),
            prevent_initial_call=True,
        )

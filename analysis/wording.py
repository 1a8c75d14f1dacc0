"""Numbers in sentences."""


def counted(count: int, noun: str) -> str:
    """Put a number before a noun: `1 patient`, `2 patients`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

from __future__ import annotations


class Problem(Exception):
    """What keeps a command from doing its work, told to the person who called it, with what helps."""

    def __init__(self, what: str, remedy: str = "", *, code: int = 1) -> None:
        super().__init__(f"{what}\n  {remedy}" if remedy else what)
        self.code = code

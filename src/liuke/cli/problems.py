from __future__ import annotations

import errno
from typing import Final

from liuke.cli.speech import gettext as _
from liuke.cli.speech import gettext_noop

# The system's reasons come in the machine's own words, and mostly in English.
REASONS: Final = {
    errno.ENOENT: gettext_noop("there is no such file or folder"),
    errno.EACCES: gettext_noop("permission is missing"),
    errno.EPERM: gettext_noop("permission is missing"),
    errno.EISDIR: gettext_noop("it is a folder"),
    errno.ENOTDIR: gettext_noop("a part of its path is no folder"),
    errno.EEXIST: gettext_noop("a file of that name is there"),
    errno.ENOSPC: gettext_noop("the disk is full"),
    errno.EROFS: gettext_noop("the disk can only be read"),
    errno.ENAMETOOLONG: gettext_noop("the name is too long"),
}


class Problem(Exception):
    """What keeps a command from doing its work, told to the person who called it, with what helps."""

    def __init__(self, what: str, remedy: str = "", *, code: int = 1) -> None:
        super().__init__(f"{what}\n  {remedy}" if remedy else what)
        self.code = code

    def signed(self) -> str:
        """Each of several with its own mark; what helps stands below them."""
        lines = str(self).splitlines()
        return "\n".join(line if line.startswith(" ") else f"✗ {line}" for line in lines)


def reason(error: OSError) -> str:
    """Why the system refused, in the reader's language."""
    if error.errno in REASONS:
        return _(REASONS[error.errno])
    return error.strerror or str(error) or type(error).__name__


def unreadable(path: object, error: OSError) -> Problem:
    told = _("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": reason(error)}
    return Problem(told, _("Check the name and the permission."))


def unwelcome(error: OSError) -> Problem:
    """A file or folder that the system refuses, wherever that came up."""
    told = _("%(file)s: %(reason)s.") % {"file": error.filename, "reason": reason(error)}
    return Problem(told, _("Check the name and the permission."))

from __future__ import annotations

from django.http import FileResponse, Http404

from liuke.platform.files.actions import open_file
from liuke.platform.files.models import StoredFile


def respond(stored: StoredFile) -> FileResponse:
    """The one way a stored file leaves: always as a download, never as something a browser would run or show.

    Whether this person may have it is for the calling view to have checked.
    """
    try:
        content = open_file(stored)
    except FileNotFoundError:
        raise Http404("the bytes are gone") from None
    response = FileResponse(
        content, as_attachment=True, filename=stored.name, content_type="application/octet-stream"
    )
    response["Content-Length"] = str(stored.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response

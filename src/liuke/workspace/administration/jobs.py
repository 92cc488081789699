from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

from liuke.platform.audit.actions import verify_chain
from liuke.platform.jobs.rules import JobRun, job

VERIFY = "audit.verify"


@job(VERIFY, every="03:40", alone=True, label=gettext_noop("Verify the audit"))
def verify(run: JobRun) -> dict[str, Any]:
    """Recomputes the chain of hashes; the audit's page shows what came of it."""
    verdict = verify_chain(progress=lambda done: run.progress(done))
    return {"entries": verdict.entries, "head": verdict.head, "broken_at": verdict.broken_at}

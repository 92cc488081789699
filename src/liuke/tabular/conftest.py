from __future__ import annotations

from hypothesis import settings

# A machine that is busy is slow; a deadline would test the machine.
settings.register_profile("no deadline", deadline=None, max_examples=60)
settings.load_profile("no deadline")

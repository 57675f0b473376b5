"""What holds for every test: no desk of the machine leaks in, and no test is judged by the clock on the wall."""

from __future__ import annotations

import os

from hypothesis import settings

# Hypothesis's deadline is a timed assertion: on a busy machine it fails what is right.
settings.register_profile("desk", deadline=None, max_examples=50)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile("desk")

for name in [name for name in os.environ if name.startswith("REPAIRDESK_")]:
    del os.environ[name]

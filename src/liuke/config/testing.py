"""Settings of the test suite: a data directory of its own, quick password hashing, nothing else changed."""

from __future__ import annotations

import os
import tempfile

os.environ["LIUKE_HOME"] = tempfile.mkdtemp(prefix="liuke-test-")
os.environ.setdefault("LIUKE_SECRET_KEY", "only for tests")

from liuke.config.settings import *  # noqa: F403 - the product's own settings, from the environment set above

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

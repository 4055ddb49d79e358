"""What all tests share."""

import pytest
from hypothesis import settings

from models.github import GitHub
from running import SECRETS

# Whatever test sends to it: none of it may be one of our settings' secrets.
GitHub.secrets = frozenset(SECRETS.values())


@pytest.fixture
def anyio_backend():
    return "asyncio"


# Found by chance belongs to `make fuzz`: what runs before each commit says the same each time.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")

"""``python -m triaged``."""

import sys

from triaged.cli import main

sys.exit(main())

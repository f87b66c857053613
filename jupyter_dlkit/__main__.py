"""``python -m jupyter_dlkit`` is ``jupyter dlkit``."""

import sys

from .command.main import main

sys.exit(main())
